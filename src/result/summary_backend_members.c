/* The members of the summary's part about servers. */
#include "base/cleanup.h"
#include "result/summary_members.h"

#define FIGURES                                                                          \
    "{\"type\": \"object\", \"additionalProperties\": {\"$ref\": "                       \
    "\"#/$defs/backend_figure\"}}"
#define COURSES                                                                          \
    "{\"type\": \"object\", \"additionalProperties\": {\"type\": \"array\", "            \
    "\"items\": " MAYBE_NUMBER "}}"
#define MAYBE_LAW                                                                        \
    "{\"oneOf\": [{\"$ref\": \"#/$defs/littles_law\"}, {\"type\": \"null\"}]}"

static const struct summary_member backend_members[] = {
    {"servers",
     "{\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/backend_server\"}}",
     "Servers behind the target that were asked for their own metrics"},
    {"littles_law", MAYBE_LAW,
     "Whether client and servers tell of as many requests; null: it cannot be said"},
};

static const struct summary_member server_members[] = {
    {"name", TEXT, "As the scenario names it; by it thresholds select"},
    {"kind", TEXT, "Whose metrics they are: vllm, dcgm, …; empty: it told none"},
    {"answered", COUNT, "Times that it told its metrics"},
    {"failed", COUNT, "Times that it was asked and did not"},
    {"problem", TEXT, "Why, the last time; empty: it never failed"},
    {"capacity", "#backend_capacity", "What saturation is measured against"},
    {"metrics", FIGURES, "What it told, by metric, over the measured window"},
    {"timeline", COURSES,
     "The same over the whole run: a mean for each point of timeline.points"},
};

static const struct summary_member capacity_members[] = {
    {"requests", MAYBE_NUMBER, "At once; null: not known"},
    {"source", "{\"enum\": [\"unknown\", \"stated\", \"told\", \"queued\", \"seen\"]}",
     "stated by the scenario; told by the server; the most that ran while others waited "
     "(queued), or while none did (seen: it may take more)"},
};

static const struct summary_member figure_members[] = {
    {"unit",
     "{\"enum\": [\"requests\", \"ms\", \"fraction\", \"per_second\", \"bytes\", "
     "\"watts\", \"celsius\"]}",
     "Of the figures"},
    {"readings", COUNT, "That have it"},
    {"min", NUMBER, ""},
    {"mean", NUMBER, "Over readings"},
    {"p95", MAYBE_NUMBER, "Of readings, by nearest rank"},
    {"max", NUMBER, ""},
    {"last", NUMBER, "The last in the window"},
};

static const struct summary_member law_members[] = {
    {"in_flight", NUMBER, "Requests in flight at the client, mean over time"},
    {"answers_per_second", NUMBER, "Whole answers, λ"},
    {"mean_s", NUMBER, "Their mean time, W"},
    {"rate_times_mean", NUMBER, "λW: as many as in_flight, but for what failed"},
    {"running", NUMBER, "In all servers, mean over readings"},
    {"waiting", NUMBER, "Likewise"},
    {"readings", COUNT, "Of the server that has fewest"},
    {"difference", NUMBER, "Running and waiting over in_flight, less 1"},
    {"tolerance", NUMBER, "What may be chance"},
    {"finding", "{\"enum\": [\"agrees\", \"server_more\", \"client_more\"]}", ""},
    {"sentence", TEXT, "What it means"},
};

static const struct summary_definition definitions[] = {
    SUMMARY_DEFINE("backend", backend_members),
    SUMMARY_DEFINE("backend_server", server_members),
    SUMMARY_DEFINE("backend_capacity", capacity_members),
    SUMMARY_DEFINE("backend_figure", figure_members),
    SUMMARY_DEFINE("littles_law", law_members),
};

const struct summary_definition *summary_backend_definition_at(size_t index)
{
    return index < COUNT_OF(definitions)
               ? &definitions[index]
               : summary_insight_definition_at(index - COUNT_OF(definitions));
}
