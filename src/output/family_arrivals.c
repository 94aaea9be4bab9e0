/* Families of an open loop: its arrivals. In a closed one all are 0. */
#include "output/family_writers.h"

static void write_number(struct metric_text *text, uint64_t value)
{
    metric_text_whole(text, "", NULL, 0, value);
}

void family_write_arrivals(const struct family *family,
                           const struct exposition *exposition, struct metric_text *text)
{
    (void)family;
    write_number(text, exposition->snapshot.totals.arrivals);
}

void family_write_dropped_iterations(const struct family *family,
                                     const struct exposition *exposition,
                                     struct metric_text *text)
{
    (void)family;
    write_number(text, exposition->snapshot.totals.dropped_iterations);
}

void family_write_waiting(const struct family *family,
                          const struct exposition *exposition, struct metric_text *text)
{
    (void)family;
    write_number(text, exposition->view.arrivals.waiting);
}

void family_write_arrival_rate(const struct family *family,
                               const struct exposition *exposition,
                               struct metric_text *text)
{
    (void)family;
    metric_text_sample(text, "", NULL, 0, exposition->view.arrivals.rate_per_s);
}
