#include "scenario/convert_k6.h"

#include <string.h>

/* Options that are carried over, here or elsewhere, and those that need no counterpart. */
static const char *const known[] = {"scenarios",
                                    "stages",
                                    "vus",
                                    "duration",
                                    "iterations",
                                    "thresholds",
                                    "tags",
                                    "userAgent",
                                    "insecureSkipTLSVerify",
                                    "noConnectionReuse",
                                    "noVUConnectionReuse",
                                    "gracefulStop",
                                    "gracefulRampDown",
                                    "maxDuration",
                                    "summaryTrendStats",
                                    "summaryTimeUnit",
                                    "systemTags",
                                    "discardResponseBodies",
                                    "noUsageReport",
                                    "noSummary",
                                    "batch",
                                    "batchPerHost",
                                    "setupTimeout",
                                    "teardownTimeout",
                                    NULL};

/* Each of k6's users has connections of their own. */
static void write_target(const struct config_node *options, const char *origin,
                         struct draft *draft)
{
    const char *agent = convert_text(config_find(options, "userAgent"));
    const bool never = convert_is_true(config_find(options, "noConnectionReuse"));

    draft_line(draft, DRAFT_TARGET, 0, "target:");
    draft_line(draft, DRAFT_TARGET, 1, "url: ${BASE_URL:-%s}",
               origin ? origin : "simulator");
    draft_line(draft, DRAFT_TARGET, 1, "connections: %s", never ? "none" : "user");
    if (convert_is_true(config_find(options, "insecureSkipTLSVerify")))
        draft_line(draft, DRAFT_TARGET, 1, "tls: {insecure: true}");
    if (agent)
        draft_line(draft, DRAFT_TARGET, 1, "headers: {User-Agent: %s}",
                   draft_text(draft, agent, true));
    if (!origin)
        draft_note(draft,
                   "options name no server: the target is $BASE_URL, or the built-in "
                   "simulator without it");
    if (convert_is_true(config_find(options, "noVUConnectionReuse")))
        draft_note(
            draft,
            "`noVUConnectionReuse`: connections last from one iteration to the next");
}

int convert_k6(const struct config_node *options, const char *script, struct draft *draft,
               struct diag_list *reterr_diags)
{
    size_t steps = 0;
    const char *origin = NULL;
    const char *flow;

    if (options->kind != CONFIG_MAP)
        return diag_add(reterr_diags, options->place, NULL, "k6's options are a map");
    flow = k6_read_script(script, draft, &steps, &origin);
    draft_line(draft, DRAFT_HEAD, 0, "scenario: from-k6");
    write_target(options, origin, draft);
    convert_pairs(draft, DRAFT_TAGS, 0, "tags", config_find(options, "tags"));
    k6_write_load(options, flow, steps, draft);
    k6_write_thresholds(options, draft);
    if (config_find(options, "setupTimeout") || config_find(options, "teardownTimeout"))
        draft_note(draft,
                   "setup() and teardown() of the script are to be written anew, under "
                   "`setup` and `teardown`");
    convert_note_others(draft, options, known, "k6's option");
    return 0;
}
