#include "output/terminal_page.h"

#include "base/quantity.h"

#define LABEL_COLUMNS 15
#define MAX_LINE_BYTES ((size_t)16 * 1024)

void page_init(struct page *page, const struct run_facts *facts,
               struct terminal_style style, struct buf *out)
{
    *page = (struct page){
        .facts = facts, .style = style, .out = out, .line = BUF_INIT(MAX_LINE_BYTES)};
}

void page_deinit(struct page *page)
{
    buf_deinit(&page->line);
}

void page_put_label(struct page *page, const char *label)
{
    buf_append_str(page->out, "  ");
    terminal_paint(page->out, page->style, PAINT_FAINT, label);
    terminal_repeat(page->out, " ", LABEL_COLUMNS - 2 - terminal_width(label));
}

void page_put_row(struct page *page, const char *label, enum paint paint)
{
    struct buf wrapped = BUF_INIT(MAX_LINE_BYTES);

    page_put_label(page, label);
    terminal_wrap(&wrapped, buf_str(&page->line), LABEL_COLUMNS,
                  (size_t)page->style.columns);
    terminal_paint(page->out, page->style, paint, buf_str(&wrapped));
    buf_append_char(page->out, '\n');
    buf_deinit(&wrapped);
    buf_clear(&page->line);
}

void page_say_share(struct buf *out, double share)
{
    const double percent = share * 100;

    if (share >= 1 || share <= 0)
        buf_printf(out, "%.0f%%", percent);
    else
        buf_printf(out, "%.*f%%", percent < 0.1 || percent > 99.9 ? 3 : 1, percent);
}

void page_say_count(struct buf *out, uint64_t count, const char *one, const char *many)
{
    quantity_format_count(out, count);
    buf_printf(out, " %s", count == 1 ? one : many);
}
