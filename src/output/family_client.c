/* Families of the load generator itself: whether its figures can be trusted. */
#include <uv.h>

#include "output/family_writers.h"

void family_write_client_timing(const struct family *family,
                                const struct exposition *exposition,
                                struct metric_text *text)
{
    metric_text_buckets(
        text, NULL, 0,
        &exposition->snapshot.client[family->buckets - BUCKETS_LABELLED_KINDS],
        &buckets_scales[family->buckets]);
}

void family_write_chunks(const struct family *family, const struct exposition *exposition,
                         struct metric_text *text)
{
    (void)family;
    metric_text_whole(text, "", NULL, 0, exposition->snapshot.totals.chunks);
}

void family_write_unresolved(const struct family *family,
                             const struct exposition *exposition,
                             struct metric_text *text)
{
    (void)family;
    metric_text_whole(text, "", NULL, 0, exposition->snapshot.totals.unresolved_chunks);
}

void family_write_unstamped(const struct family *family,
                            const struct exposition *exposition, struct metric_text *text)
{
    (void)family;
    metric_text_whole(text, "", NULL, 0, exposition->snapshot.totals.unstamped_chunks);
}

void family_write_lost(const struct family *family, const struct exposition *exposition,
                       struct metric_text *text)
{
    (void)family;
    metric_text_whole(text, "", NULL, 0, exposition->snapshot.health.lost);
}

void family_write_stalls(const struct family *family, const struct exposition *exposition,
                         struct metric_text *text)
{
    (void)family;
    metric_text_whole(text, "", NULL, 0, exposition->snapshot.health.stalls.count);
}

void family_write_trust(const struct family *family, const struct exposition *exposition,
                        struct metric_text *text)
{
    (void)family;
    if (exposition->has_trust)
        metric_text_whole(text, "", NULL, 0, (uint64_t)(TRUST_F - exposition->trust));
}

static double seconds_of(uv_timeval_t time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

void family_write_cpu(const struct family *family, const struct exposition *exposition,
                      struct metric_text *text)
{
    const struct metric_label user = {"mode", "user"};
    const struct metric_label system = {"mode", "system"};
    uv_rusage_t usage;

    (void)family;
    (void)exposition;
    if (uv_getrusage(&usage) < 0)
        return;
    metric_text_sample(text, "", &user, 1, seconds_of(usage.ru_utime));
    metric_text_sample(text, "", &system, 1, seconds_of(usage.ru_stime));
}

void family_write_memory(const struct family *family, const struct exposition *exposition,
                         struct metric_text *text)
{
    size_t bytes = 0;

    (void)family;
    (void)exposition;
    if (uv_resident_set_memory(&bytes) == 0)
        metric_text_whole(text, "", NULL, 0, bytes);
}
