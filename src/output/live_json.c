#include "output/live_json.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/buf.h"

static void put_name(struct buf *out, const char *name)
{
    if (*name)
        buf_printf(out, "\"%s\":", name);
}

void live_json_open(struct buf *out, const char *name, char bracket)
{
    put_name(out, name);
    buf_append_char(out, bracket);
}

void live_json_close(struct buf *out, char bracket)
{
    if (out->len > 0 && out->bytes[out->len - 1] == ',')
        buf_erase(out, out->len - 1, 1);
    buf_append_char(out, bracket);
    buf_append_char(out, ',');
}

void live_json_text(struct buf *out, const char *name, const char *text)
{
    put_name(out, name);
    buf_append_char(out, '"');
    buf_append_json(out, text, strlen(text));
    buf_append_str(out, "\",");
}

void live_json_count(struct buf *out, const char *name, uint64_t count)
{
    put_name(out, name);
    buf_printf(out, "%" PRIu64 ",", count);
}

void live_json_number(struct buf *out, const char *name, double number, int decimals)
{
    put_name(out, name);
    if (isfinite(number))
        buf_printf(out, "%.*f,", decimals, number);
    else
        buf_append_str(out, "null,");
}

void live_json_bool(struct buf *out, const char *name, bool value)
{
    put_name(out, name);
    buf_append_str(out, value ? "true," : "false,");
}
