/* Reading a scenario survives every refused allocation: no crash, no leak, no half-made plan. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/diag.h"
#include "plan/plan.h"
#include "scenario/scenario.h"
#include "torture.h"

static const char path[] = "torture-scenario.yaml";

/* A bit of everything that takes memory: anchors, merge keys, variables, a secret, overrides. */
static const char text[] =
    "scenario: torture ${NONE:-x}\n"
    "target: {url: http://h, api_key: key, headers: {a: b}}\n"
    "simulator: {models: [a, b]}\n"
    "models: {m: {price: {prompt: 1}}}\n"
    "env: here\n"
    "environments: {here: {seed: 5}, there: {target: http://t}}\n"
    "vars: {n: 1, t: '{{ user.id }}', l: ['{{ vars.n }}']}\n"
    "data: {people: people.csv}\n"
    "datasets: {chats: chats.jsonl}\n"
    "questions: {q: {templates: ['{{ lists.a }}?'], lists: {a: [x, y]}}}\n"
    "metrics: {took: {trend: time}, logins: counter}\n"
    "record: {took: .duration_ms}\n"
    "flows: {in: [{http: POST /in, extract: {token: {regex: 'a(b)'}}}]}\n"
    "setup: {run: [{use: in}], user: [{use: in}]}\n"
    "retry: 2\n"
    "users:\n"
    "  c: &c {think_time: 1s, flow: [chat, think]}\n"
    "  a: {<<: *c, weight: 2}\n"
    "  b:\n"
    "    flow:\n"
    "      - pick: [{steps: [http: {request: POST /a, json: {b: 1}}]}]\n"
    "      - repeat: 2\n"
    "        steps: [{chat: {prompt: x, extra_body: {y: 1}}}]\n"
    "  d:\n"
    "    patience: {total: 3s}\n"
    "    chaos: {drop: 1%}\n"
    "    slo: {ttft: 1s}\n"
    "    reads: 2KiB/s\n"
    "    auth: '{{ vars.token }}'\n"
    "    model: m\n"
    "    flow:\n"
    "      - group: g\n"
    "        steps: [{use: in, with: {n: {jq: .vars.n + 1}}}]\n"
    "      - if: .last.failed\n"
    "        steps: [{stop: {user: tired}}]\n"
    "        else: [{mcp: {tool: t, arguments: {a: '{{ data.people.id }}'}}}]\n"
    "      - http: {request: POST /b, form: {a: '{{ vars.t }}'}}\n"
    "        check: {ok: .ok, there: {header: {A: b}}, m: {matches: a+}}\n"
    "        expect: {status: 200, body: .ok}\n"
    "      - http: {request: POST /c, multipart: {a: b}}\n"
    "      - chat: {messages: [{content: hi}], stop: [x]}\n"
    "      - chat: {question: q}\n"
    "      - chat: {dataset: chats}\n"
    "      - chat: {synthetic: {input: 5}, prefix: 3}\n"
    "      - {feed: people, when: .vars.n > 0}\n"
    "load: [{phase: sustained, users: 5, for: 1s}]\n"
    "thresholds: {ttft: ['p(50)<1s']}\n";

static const char *no_variable(void *ctx, const char *name)
{
    (void)ctx;
    (void)name;
    return NULL;
}

static int load(const char *const *overrides, size_t override_count)
{
    static const char *const tags[] = {"a=b"};
    static const struct scenario_base_url urls[] = {{"a", "http://two"}};
    struct buf resolved = BUF_INIT((size_t)1 << 20);
    const struct scenario_options options = {.config = {.lookup = no_variable,
                                                        .overrides = overrides,
                                                        .override_count = override_count},
                                             .tags = tags,
                                             .tag_count = 1,
                                             .base_urls = urls,
                                             .base_url_count = 1,
                                             .users = 7,
                                             .duration_ns = 2000000000,
                                             .insecure = true,
                                             .resolved = &resolved};
    struct diag_list *diags = NULL;
    struct plan *plan = NULL;
    int r = diag_list_new(10, &diags);

    if (r == 0)
        r = scenario_load(path, &options, diags, &plan);
    assert_true((r == 0) == (plan != NULL));
    assert_true(r < 0 || strstr(buf_str(&resolved), "api_key: \"***\""));
    buf_deinit(&resolved);
    plan_free(plan);
    diag_list_free(diags);
    return r;
}

static int load_a_good_one(void)
{
    static const char *const overrides[] = {"users.a.weight=3", "seed=5"};

    return load(overrides, 2);
}

static int load_a_bad_one(void)
{
    static const char *const overrides[] = {"users.a.wieght=3", "load.0.users=many",
                                            "seed"};
    const int r = load(overrides, 3);

    return r == -EINVAL ? 0 : r;
}

static void every_refused_allocation_is_survived(void **state)
{
    (void)state;
    assert_true(torture(load_a_good_one, -ENOMEM) > 15);
    assert_true(torture(load_a_bad_one, -ENOMEM) > 25);
}

static int write_file(void **state)
{
    FILE *file = fopen(path, "we");

    (void)state;
    if (!file || fputs(text, file) < 0 || fclose(file) != 0)
        return -1;
    return 0;
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_refused_allocation_is_survived, write_file,
                                        remove_file),
    };

    return cmocka_run_group_tests_name("scenario/torture", tests, NULL, NULL);
}
