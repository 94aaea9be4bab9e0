#include "base/buf.h"
#include "scenario/form.h"
#include "scenario/scenario.h"

int scenario_schema(struct buf *out)
{
    return config_write_schema(&scenario_table, "throng scenario", out);
}

int scenario_reference(struct buf *out)
{
    buf_append_str(
        out,
        "# Scenario reference\n"
        "\n"
        "Written by the tables that read scenarios (`src/scenario`); do not edit it "
        "here.\n"
        "\n"
        "- Durations: `500ms`, `5s`, `2m30s`. Sizes: `64KiB`. Fractions: `5%` or "
        "`0.05`.\n"
        "  Money: `10.00 USD`. Rates: `5/s`, `300/m`.\n"
        "- `${NAME}` is the value of an environment variable, `${NAME:-text}` has a "
        "default, "
        "and `$$` is\n"
        "  a dollar sign. Between `[ ]` and `{ }` it must be quoted: `\"${NAME}\"`.\n"
        "- A secret is a text, as a rule `${NAME}`, or `{file: path}`.\n"
        "- Anchors (`&name`), aliases (`*name`) and merge keys (`<<: *name`) work as in "
        "YAML "
        "1.1.\n"
        "- `--set load.0.users=50` changes any key from the command line, `--env NAME` "
        "takes "
        "an\n"
        "  environment.\n"
        "- Texts that are sent, checked or set may hold templates, `{{ vars.token }}`: "
        "[templates](templates.md).\n"
        "- Where it says jq, a query in jq stands. "
        "Conditions "
        "look at\n"
        "  `{vars, user, org, last, round}`, of which `last` is the answer before: "
        "`{status, "
        "headers, json, text,\n"
        "  failed}`; checks and extracts at the body as JSON, and of a model's stream at "
        "`{text, finish, usage}`.\n");
    return config_write_reference(&scenario_table, out);
}
