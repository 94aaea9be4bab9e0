#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "cli/command.h"
#include "output/exposition.h"
#include "result/comparison.h"
#include "result/summary.h"
#include "result/verdict.h"
#include "scenario/scenario.h"

#define MAX_SCHEMA_BYTES ((size_t)4 << 20)

struct document {
    const char *name;
    int (*write)(struct buf *out);
};

static int run(const struct command *command, int argc, char **argv)
{
    static const struct document documents[] = {
        {"comparison", comparison_schema}, {"scenario", scenario_schema},
        {"summary", summary_schema},       {"reference", scenario_reference},
        {"metrics", exposition_reference}, {"templates", scenario_template_page},
    };
    struct option_list words = {0};
    int code = command_begin(command, argc, argv, NULL, &words);
    const char *wanted = code < 0 ? words.values[0] : "";

    option_list_deinit(&words);
    if (code >= 0)
        return code;
    for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++) {
        struct buf text = BUF_INIT(MAX_SCHEMA_BYTES);

        if (strcmp(documents[i].name, wanted) != 0)
            continue;
        code = documents[i].write(&text) < 0 ? EXIT_INTERNAL : EXIT_PASSED;
        (void)fputs(buf_str(&text), stdout);
        buf_deinit(&text);
        return code;
    }
    fprintf(stderr,
            "throng schema: '%s' is none of scenario, summary, comparison, reference, "
            "metrics, templates\n",
            wanted);
    return EXIT_COMMAND_LINE;
}

const struct command command_schema = {
    .name = "schema",
    .arguments = "scenario|summary|comparison|reference|metrics|templates",
    .min_arguments = 1,
    .max_arguments = 1,
    .summary = "print the JSON Schema of a scenario, of summary.json or of a comparison",
    .details =
        "Editors check and complete scenarios with it. `reference` prints the reference "
        "page of scenarios as Markdown, made from the same table; `metrics` prints what "
        "Prometheus gets to see, `templates` what may stand in templates and queries.",
    .run = run,
};
