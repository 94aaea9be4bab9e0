#include "output/terminal_line.h"

#include "base/buf.h"

void line_init(struct terminal_line *line, struct buf *out, struct terminal_style style)
{
    *line =
        (struct terminal_line){.out = out, .style = style, .room = (size_t)style.columns};
}

/* Takes the columns of a piece; false where they are not there. */
static bool take(struct terminal_line *line, size_t width)
{
    if (line->full || width > line->room) {
        line->full = true;
        return false;
    }
    line->room -= width;
    line->taken += width;
    return true;
}

void line_add(struct terminal_line *line, const char *gap, enum paint paint,
              const char *text)
{
    if (!take(line, terminal_width(gap) + terminal_width(text)))
        return;
    buf_append_str(line->out, gap);
    terminal_paint(line->out, line->style, paint, text);
}

void line_add_figure(struct terminal_line *line, const char *gap, enum paint paint,
                     const char *figure, const char *name)
{
    if (!take(line,
              terminal_width(gap) + terminal_width(figure) + 1 + terminal_width(name)))
        return;
    buf_append_str(line->out, gap);
    terminal_paint(line->out, line->style, paint, figure);
    buf_append_char(line->out, ' ');
    terminal_paint(line->out, line->style, PAINT_FAINT, name);
}
