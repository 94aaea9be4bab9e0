#include "output/trend_page.h"

#include "output/page.h"

int trend_html(const json_t *trend, struct buf *out)
{
    return page_write(&page_trend, trend, out);
}
