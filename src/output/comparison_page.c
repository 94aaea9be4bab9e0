#include "output/comparison.h"
#include "output/page.h"

int comparison_html(const json_t *comparison, struct buf *out)
{
    return page_write(&page_comparison, comparison, out);
}
