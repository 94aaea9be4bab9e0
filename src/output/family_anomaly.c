/* Families of what was unlike the run's own past. */
#include "measure/anomaly.h"
#include "output/family_writers.h"

static void write_kind(struct metric_text *text, enum anomaly_kind kind, uint64_t count)
{
    const struct metric_label label = {"kind", anomaly_kind_name(kind)};

    metric_text_whole(text, "", &label, 1, count);
}

void family_write_anomalies(const struct family *family,
                            const struct exposition *exposition, struct metric_text *text)
{
    (void)family;
    for (enum anomaly_kind kind = 0; kind < ANOMALY_KINDS; kind++)
        write_kind(text, kind, exposition->anomalies.begun[kind]);
}

void family_write_active_anomalies(const struct family *family,
                                   const struct exposition *exposition,
                                   struct metric_text *text)
{
    uint64_t active[ANOMALY_KINDS] = {0};

    (void)family;
    for (size_t i = 0; i < exposition->anomalies.active_count; i++)
        active[anomaly_signal_kind(exposition->anomalies.active[i].signal)]++;
    for (enum anomaly_kind kind = 0; kind < ANOMALY_KINDS; kind++)
        write_kind(text, kind, active[kind]);
}
