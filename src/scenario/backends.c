/* The servers behind the targets, which are asked for their own metrics. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/quantity.h"
#include "base/secret.h"
#include "scenario/making.h"
#include "scenario/url.h"

#define NAME_BYTES 128

static const char *const kind_words[] = {
    [PLAN_BACKEND_AUTO] = "auto",         [PLAN_BACKEND_VLLM] = "vllm",
    [PLAN_BACKEND_SGLANG] = "sglang",     [PLAN_BACKEND_TGI] = "tgi",
    [PLAN_BACKEND_TRITON] = "triton",     [PLAN_BACKEND_LLAMA_CPP] = "llama.cpp",
    [PLAN_BACKEND_DCGM] = "dcgm",         [PLAN_BACKEND_NODE_EXPORTER] = "node_exporter",
    [PLAN_BACKEND_CADVISOR] = "cadvisor", NULL,
};

static const struct field backend_fields[] = {
    {ROW("url", FIELD_TEXT, struct backend_form, url), .preset = "auto",
     .help = "where its metrics are, with the path: `http://gpu-1:8000/metrics`; `auto`: "
             "at `/metrics` of the target, with the target's key and headers"},
    {ROW("name", FIELD_TEXT, struct backend_form, name),
     .help = "label `backend` of its figures; without it host and port, or the target's "
             "name"},
    {ROW("kind", FIELD_CHOICE, struct backend_form, kind), .words = kind_words,
     .preset = "auto",
     .help = "whose names its metrics have; `auto`: found from the names that are there"},
    {ROW("target", FIELD_TEXT, struct backend_form, target),
     .help = "the target that it serves, and whose certificates it is verified with; the "
             "first without it"},
    {ROW("interval", FIELD_DURATION, struct backend_form, interval_ns), .min = "100ms",
     .max = "10m", .preset = "1s", .help = "from one asking to the next"},
    {ROW("timeout", FIELD_DURATION, struct backend_form, timeout_ns), .min = "100ms",
     .max = "1m", .preset = "2s", .help = "an asking that takes longer is given up"},
    {ROW("capacity", FIELD_COUNT, struct backend_form, capacity), .unit = "requests",
     .max = "1000000", .preset = "0",
     .help = "how many requests it can run at once (vLLM: `--max-num-seqs`), which "
             "saturation is measured against; 0: what the server tells, else the most "
             "that were seen running"},
    {ROW("token", FIELD_SECRET, struct backend_form, token),
     .help = "sent to it as a bearer token; never shown"},
    {ROW("headers", FIELD_PAIRS, struct backend_form, headers), .flags = FIELD_GUARDED,
     .help = "sent with every asking; never shown"},
};

const struct field_table backend_table = {
    TABLE_OF("backend", backend_fields, struct backend_form,
             "A server behind a target (vLLM, SGLang, TGI, Triton, llama.cpp), or an "
             "exporter beside it\n(DCGM, node_exporter, cAdvisor), that is asked for its "
             "own metrics while the load goes on:\n[backends.md](backends.md). The "
             "built-in simulator is asked without being named here;\n`backends: []` asks "
             "nobody."),
    .short_key = "url",
    .example = "backends:\n"
               "  - auto\n"
               "  - {name: gpu-1, url: \"http://10.0.0.7:9400/metrics\", kind: dcgm}\n"
               "thresholds:\n"
               "  backend_waiting: max<50\n"
               "  \"gpu_utilization{backend:gpu-1}\": avg>60%\n"};

static bool is_auto(const struct backend_form *form)
{
    return !form->url || strcmp(form->url, "auto") == 0;
}

static int make_url(struct making *making, const struct backend_form *form,
                    struct plan_backend *backend)
{
    const struct config_node *place = making_place(&form->form, "url");
    char masked[URL_MASKED_BYTES];
    struct url url;
    const char *problem;

    if (is_auto(form))
        return 0;
    problem = strchr(form->url, '@') ? "credentials" : url_split(form->url, &url);
    if (!problem)
        return making_copy(making, form->url, &backend->url);
    url_mask(place->written, masked);
    return MAKING_REFUSE(making, place,
                         "write one such as http://gpu-1:8000/metrics, keys under token "
                         "or headers",
                         "url: %s in '%s'", problem, masked);
}

/* A name can stand in a selector and in a heading of a table. */
static bool is_name(const char *name)
{
    const size_t len = strlen(name);

    return len < NAME_BYTES && strspn(name, "abcdefghijklmnopqrstuvwxyz"
                                            "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                            "0123456789.:_-[]") == len;
}

/* "gpu-1:8000" of "http://gpu-1:8000/metrics" */
static void name_by_url(const char *url, char name[static NAME_BYTES])
{
    const char *host = strstr(url, "://");

    host = host ? host + 3 : url;
    (void)snprintf(name, NAME_BYTES, "%.*s", (int)strcspn(host, "/?#"), host);
}

static int make_name(struct making *making, const struct backend_form *form,
                     struct plan_backend *backend)
{
    const struct plan_target *target = &making->plan->targets[backend->target];
    char name[NAME_BYTES];

    if (form->name && !is_name(form->name))
        return MAKING_REFUSE(making, making_place(&form->form, "name"),
                             "use letters, digits, dots, dashes and underscores",
                             "name: '%s' cannot name a backend", form->name);
    if (form->name)
        return making_copy(making, form->name, &backend->name);
    if (!backend->url)
        return making_copy(making, target->simulator ? "simulator" : target->name,
                           &backend->name);
    name_by_url(backend->url, name);
    return making_copy(making, name, &backend->name);
}

static bool is_taken(const struct plan_backend *backends, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (backends[i].name && strcmp(backends[i].name, name) == 0)
            return true;
    return false;
}

/* What goes to the target's own address may have the target's key. */
static int make_key(struct making *making, const struct backend_form *form,
                    struct plan_backend *backend)
{
    const struct plan_target *target = &making->plan->targets[backend->target];
    int r = making_secret(making, form->token ? secret_reveal(form->token) : NULL,
                          &backend->token);

    if (r == 0)
        r = making_headers(making, form->headers, &backend->headers,
                           &backend->header_count);
    if (r < 0 || backend->url)
        return r;
    if (!form->token)
        backend->token = target->api_key;
    if (!form->headers) {
        backend->headers = target->headers;
        backend->header_count = target->header_count;
    }
    return 0;
}

static int make_backend(struct making *making, const struct backend_form *form,
                        struct plan_backend *backends, size_t index)
{
    struct plan_backend *backend = &backends[index];
    uint32_t target = PLAN_NONE;
    int r = making_find_target(making, &form->form, "target", form->target, &target);

    *backend = (struct plan_backend){
        .target = target == PLAN_NONE ? 0 : target,
        .kind = (enum plan_backend_kind)form->kind,
        .interval_ns = form->interval_ns,
        .timeout_ns = form->timeout_ns,
        .capacity = form->capacity,
    };
    if (r == 0)
        r = make_url(making, form, backend);
    if (r == 0)
        r = make_key(making, form, backend);
    if (r == 0)
        r = make_name(making, form, backend);
    if (r == 0 && backend->name && is_taken(backends, index, backend->name))
        r = MAKING_REFUSE(making, form->form.node, "give each a 'name:' of its own",
                          "two backends have the name '%s'", backend->name);
    return r;
}

/* How many answers the simulator gives at once; 0: no limit, or one that is told as a mistake elsewhere. */
static uint64_t simulator_capacity(const struct making *making)
{
    const struct config_node *node =
        config_find(making->form->simulator.form.node, "capacity");
    uint64_t capacity = 0;

    if (!node || !node->text || quantity_parse_count(node->text, &capacity) < 0)
        return 0;
    return capacity;
}

/* All simulator targets are one simulator, which is asked as a user would write it. */
static int make_of_simulator(struct making *making)
{
    struct plan *plan = making->plan;
    struct plan_backend *backend = NULL;
    size_t at = 0;

    while (at < plan->target_count && !plan->targets[at].simulator)
        at++;
    if (at == plan->target_count)
        return 0;
    backend = making_array(making, 1, sizeof(*backend));
    if (!backend)
        return -ENOMEM;
    *backend = (struct plan_backend){
        .name = "simulator",
        .target = (uint32_t)at,
        .kind = PLAN_BACKEND_VLLM,
        .interval_ns = NS_PER_S,
        .timeout_ns = 2 * NS_PER_S,
        .capacity = simulator_capacity(making),
        .token = plan->targets[at].api_key,
    };
    plan->backends = backend;
    plan->backend_count = 1;
    return 0;
}

int make_backends(struct making *making)
{
    const struct backend_form *forms = making->form->backends.items;
    const size_t count = making->form->backends.count;
    struct plan_backend *backends = NULL;
    int r = 0;

    if (making->plan->target_count == 0)
        return 0; /* that was told */
    if (!making_has(&making->form->form, "backends"))
        return make_of_simulator(making);
    backends = making_array(making, count, sizeof(*backends));
    if (!backends)
        return -ENOMEM;
    for (size_t i = 0; r == 0 && i < count; i++)
        r = make_backend(making, &forms[i], backends, i);
    making->plan->backends = backends;
    making->plan->backend_count = count;
    return r;
}
