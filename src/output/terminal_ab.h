/* The rows of a finished run on the arms that it compared. */
#pragma once

struct page;

/* Nothing where it compared none. */
void terminal_ab(struct page *page);
