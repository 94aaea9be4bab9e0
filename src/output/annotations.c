#include "output/annotations.h"

#include <stdbool.h>
#include <stdio.h>

#include "base/buf.h"
#include "output/summary_reader.h"

/* toolkit/core/src/command.ts: escapeData, and escapeProperty for titles. */
static void append_escaped(struct buf *out, const char *text, bool is_property)
{
    for (; *text; text++) {
        const unsigned char c = (unsigned char)*text;

        if (c == '%' || c == '\r' || c == '\n' || (is_property && (c == ':' || c == ',')))
            buf_printf(out, "%%%02X", c);
        else if (c >= ' ' && c != 0x7f)
            buf_append_char(out, *text);
        else
            buf_append_char(out, ' ');
    }
}

int annotations_write(const json_t *summary, struct buf *out)
{
    const json_t *verdicts = summary_at(summary, "verdicts");

    for (size_t i = 0; i < json_array_size(verdicts); i++) {
        const json_t *verdict = json_array_get(verdicts, i);

        buf_append_str(out, summary_count(verdict, "code") != 0
                                ? "::error title=throng "
                                : "::notice title=throng ");
        append_escaped(out, summary_text(summary, "run/scenario"), true);
        buf_append_str(out, "::");
        append_escaped(out, summary_text(verdict, "sentence"), false);
        buf_append_char(out, '\n');
    }
    return buf_error(out);
}
