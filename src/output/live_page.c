#include "output/live_page.h"

#include <errno.h>

#include <jansson.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "output/glossary.h"
#include "output/page.h"
#include "serve/serve.h"

#define MAX_POLICY_BYTES ((size_t)4 << 10)

static int make(struct buf *page)
{
    json_t *data = json_pack("{s:o}", "glossary", glossary_new());
    const int r = data ? page_write(&page_live, data, page) : -ENOMEM;

    json_decref(data);
    return r;
}

void live_page_show(struct buf *page, struct serve_request *request)
{
    CLEANUP(buf_deinit) struct buf policy = BUF_INIT(MAX_POLICY_BYTES);
    static const char failure[] = "throng is out of memory\n";

    if (page->len == 0 && make(page) < 0) {
        buf_clear(page);
        serve_answer(request, 500, NULL, 0, failure, sizeof(failure) - 1);
        return;
    }
    /* What a page cannot ask for by itself: to be shown within no other. */
    buf_printf(&policy, "%s; frame-ancestors 'none'", page_policy(&page_live));
    const struct serve_header headers[] = {
        {"content-type", "text/html; charset=utf-8"},
        {"cache-control", "no-store"},
        {"x-content-type-options", "nosniff"},
        {"referrer-policy", "no-referrer"},
        {"cross-origin-opener-policy", "same-origin"},
        {"content-security-policy", buf_str(&policy)},
    };

    serve_answer(request, 200, headers, COUNT_OF(headers), page->bytes, page->len);
}
