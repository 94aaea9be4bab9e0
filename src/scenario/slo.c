#include <errno.h>
#include <string.h>

#include "scenario/making.h"
#include "scenario/manners.h"

#define LIMIT(key, metric)                                                               \
    {                                                                                    \
        ROW(key, FIELD_DURATION, struct slo_form, limit_ns[metric]), .min = "1us",       \
            .max = "24h"

/* Keys are the names of metrics, in the order of enum plan_slo_metric: a test compares them. */
static const struct field slo_fields[] = {LIMIT("ttft", PLAN_SLO_TTFT),
                                          .help = "to the first token; of streams alone"},
                          LIMIT("ttfo", PLAN_SLO_TTFO),
                          .help = "to the answer, where reasoning came before it"
}
, LIMIT("tpot", PLAN_SLO_TPOT),
    .help = "per output token after the first; of streams alone"
}
, LIMIT("e2e", PLAN_SLO_E2E), .help = "the whole answer"
}
, LIMIT("ttfb", PLAN_SLO_TTFB), .help = "to the first byte of the body"
}
, LIMIT("http_req_duration", PLAN_SLO_HTTP_REQ_DURATION),
    .help = "from the first byte on the wire to the end of the body"
}
, LIMIT("operation_duration", PLAN_SLO_OPERATION_DURATION),
    .help = "the step with all its attempts and the waits between them"
}
,
}
;

const struct field_table slo_table = {
    TABLE_OF("slo", slo_fields, struct slo_form,
             "How long an operation, which is a step with all its attempts, may take at "
             "most. What met all of\nits SLOs is the `goodput`; what failed met none. "
             "The innermost map holds as a whole: a step's,\nelse its class's, else the "
             "scenario's; `slo: {}` is none. An SLO on what an answer does not have\n"
             "(`ttft` of one that is not streamed) is ignored there."),
    .example = "slo: {ttft: 500ms, tpot: 50ms, e2e: 10s}\n"};

int make_slo(struct making *making, const struct slo_form *form,
             const struct plan_slo **ret_slo)
{
    struct plan_slo *slo;
    uint64_t any = 0;

    for (size_t i = 0; i < PLAN_SLO_COUNT; i++)
        any |= form->limit_ns[i];
    if (any == 0)
        return 0;
    slo = making_array(making, 1, sizeof(*slo));
    if (!slo)
        return -ENOMEM;
    memcpy(slo->limit_ns, form->limit_ns, sizeof(slo->limit_ns));
    *ret_slo = slo;
    return 0;
}
