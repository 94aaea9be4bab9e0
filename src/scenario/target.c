#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/secret.h"
#include "scenario/making.h"
#include "scenario/manners.h"
#include "scenario/url.h"

static const char *const reuse_words[] = {[PLAN_REUSE_POOL] = "pool",
                                          [PLAN_REUSE_USER] = "user",
                                          [PLAN_REUSE_NONE] = "none",
                                          NULL};
static const char *const api_words[] = {
    [PLAN_API_OPENAI] = "openai", [PLAN_API_ANTHROPIC] = "anthropic", NULL};
static const char *const http_words[] = {
    [PLAN_HTTP_1_1] = "1.1", [PLAN_HTTP_2] = "2", NULL};

static const struct field connections_fields[] = {
    {ROW("reuse", FIELD_CHOICE, struct connections_form, reuse), .words = reuse_words,
     .preset = "pool",
     .help = "who may use a connection again: `pool`: any user; `user`: only the user "
             "who made "
             "it, as a browser would; `none`: nobody, each request makes its own"},
    {ROW("max", FIELD_COUNT, struct connections_form, max), .unit = "connections",
     .max = "1000000", .preset = "0",
     .help = "connections at the same time; 0: as many as it takes"},
    {ROW("streams", FIELD_COUNT, struct connections_form, streams), .unit = "streams",
     .max = "1000000", .preset = "0",
     .help = "HTTP/2: requests at the same time on one connection; 0: what the server "
             "allows"},
    {ROW("max_age", FIELD_DURATION, struct connections_form, max_age_ns), .max = "24h",
     .preset = "0",
     .help = "an idle connection older than this is not used again; 0: no limit"},
    {ROW("sources", FIELD_LIST, struct connections_form, sources), .element = FIELD_TEXT,
     .unit = "IP addresses of this machine",
     .help = "local addresses that connections come from, users spread over them; one "
             "address has ports for some 28,000 connections to a server"},
};

static const struct field_table connections_table = {
    TABLE_OF(
        "connections", connections_fields, struct connections_form,
        "How connections to a target are kept. It changes what is measured, so it stands "
        "in the\nresult as well."),
    .short_key = "reuse",
    .example =
        "target: {url: https://gateway.example, connections: {reuse: user, max_age: "
        "60s}}\n"};

static const struct field timeouts_fields[] = {
    {ROW("connect", FIELD_DURATION, struct timeouts_form, connect_ns), .max = "1h",
     .preset = "10s", .help = "until the connection stands, TLS included"},
    {ROW("first_token", FIELD_DURATION, struct timeouts_form, first_token_ns),
     .max = "24h", .preset = "0",
     .help = "from sending the request to the first output; 0: no limit but the total"},
    {ROW("idle", FIELD_DURATION, struct timeouts_form, idle_ns), .max = "24h",
     .preset = "60s",
     .help = "between two pieces of an answer; 0: no limit but the total"},
    {ROW("total", FIELD_DURATION, struct timeouts_form, total_ns), .max = "24h",
     .preset = "10m", .help = "for a request as a whole; 0: no limit"},
};

const struct field_table timeouts_table = {
    TABLE_OF(
        "timeouts", timeouts_fields, struct timeouts_form,
        "When a request has taken too long and is given up. Each kind is counted apart."),
    .short_key = "total",
    .example =
        "target: {url: https://gateway.example, timeouts: {first_token: 20s, total: "
        "2m}}\n"};

static const struct field tls_fields[] = {
    {ROW("insecure", FIELD_BOOL, struct tls_form, insecure), .preset = "false",
     .help = "do not verify the server's certificate; the result says so"},
    {ROW("ca_file", FIELD_TEXT, struct tls_form, ca_file),
     .help = "PEM file of authorities to trust, instead of the system's; like the others "
             "it must be there when "
             "the scenario is read"},
    {ROW("cert_file", FIELD_TEXT, struct tls_form, cert_file),
     .help = "PEM file of the client's certificate"},
    {ROW("key_file", FIELD_TEXT, struct tls_form, key_file),
     .help = "PEM file of the key to the client's certificate"},
};

const struct field_table tls_table = {
    TABLE_OF("tls", tls_fields, struct tls_form,
             "How a server's certificate is verified."),
    .example = "target: {url: https://gateway.example, tls: {insecure: true}}\n"};

static const struct field target_fields[] = {
    {ROW("url", FIELD_TEXT, struct target_form, url), .flags = FIELD_REQUIRED,
     .help =
         "`https://host:port`, with or without a path such as `/v1`; or `simulator`: the "
         "built-in simulator, started for the run"},
    {ROW("api", FIELD_CHOICE, struct target_form, api), .words = api_words,
     .preset = "openai", .help = "the dialect that it speaks"},
    {ROW("api_key", FIELD_SECRET, struct target_form, api_key),
     .help = "sent as a bearer token; best as `${OPENAI_API_KEY}`"},
    {ROW("headers", FIELD_PAIRS, struct target_form, headers), .flags = FIELD_GUARDED,
     .help = "sent with every request"},
    {ROW("backend_header", FIELD_TEXT, struct target_form, backend_header),
     .help = "response header that names the server behind a gateway, such as "
             "`X-Served-By`; figures by `backend` are by the peer's address without it"},
    {ROW("health", FIELD_TEXT, struct target_form, health),
     .unit = "a path such as /health",
     .help = "asked before the run; a status other than 2xx, and there is no run"},
    {ROW("proxy", FIELD_TEXT, struct target_form, proxy),
     .help = "URL of a proxy to go through"},
    {ROW("http", FIELD_CHOICE, struct target_form, http), .words = http_words,
     .preset = "1.1", .help = "version of HTTP"},
    {ROW("tls", FIELD_MAP, struct target_form, tls), .table = &tls_table,
     .help = "certificates"},
    {ROW("connections", FIELD_MAP, struct target_form, connections),
     .table = &connections_table, .help = "how connections are kept"},
    {ROW("timeouts", FIELD_MAP, struct target_form, timeouts), .table = &timeouts_table,
     .help = "when a request has taken too long"},
    {ROW("retry", FIELD_MAP, struct target_form, retry), .table = &retry_table,
     .help = "what is tried again, where neither step, class nor scenario say"},
    {ROW("circuit_breaker", FIELD_MAP, struct target_form, breaker),
     .table = &breaker_table,
     .help = "when requests are held back because too many fail; never without it"},
};

const struct field_table target_table = {
    TABLE_OF("target", target_fields, struct target_form,
             "A server under test. `target:` describes the one that is used where "
             "nothing else "
             "is said;\n`targets:` gives names to several."),
    .short_key = "url",
    .example =
        "target:\n  url: https://gateway.example/v1\n  api_key: ${OPENAI_API_KEY}\n"};

/* The origin and the prefix of the form's URL. */
static int make_address(struct making *making, const struct target_form *form,
                        struct plan_target *target)
{
    struct url url;
    const char *problem;

    if (!form->url)
        return 0; /* that was told when the form was filled */
    target->simulator = strcmp(form->url, "simulator") == 0;
    if (target->simulator)
        return making_copy(making, "/v1", &target->api_prefix);
    problem = url_split(form->url, &url);
    if (problem) {
        const struct config_node *place = making_place(&form->form, "url");
        char masked[URL_MASKED_BYTES];

        url_mask(place->written, masked);
        return MAKING_REFUSE(making, place,
                             "write one such as https://host:8000/v1, or "
                             "simulator",
                             "url: %s in '%s'", problem, masked);
    }
    target->origin = arena_copy(making->arena, url.origin);
    target->api_prefix = arena_copy(making->arena, url.api_prefix);
    return target->origin && target->api_prefix ? 0 : -ENOMEM;
}

/* Found out here and not by the first handshake, which could only say that the file is no good. */
static int check_file(struct making *making, const struct config_form *form,
                      const char *key, const char *path)
{
    const struct config_node *place = path ? making_place(form, key) : NULL;
    struct stat facts;
    int error = 0;

    if (!path)
        return 0;
    if (access(path, R_OK) < 0 || stat(path, &facts) < 0)
        error = errno;
    else if (S_ISDIR(facts.st_mode))
        error = EISDIR;
    if (error == 0)
        return 0;
    return MAKING_REFUSE(
        making, place,
        *path == '/' ? NULL : "a relative path begins where throng was started",
        "%s: cannot read '%s': %s", key, place->written, strerrordesc_np(error));
}

int make_tls(struct making *making, const struct tls_form *form, struct plan_tls *tls)
{
    int r = making_copy(making, form->ca_file, &tls->ca_file);

    if (r == 0)
        r = making_copy(making, form->cert_file, &tls->cert_file);
    if (r == 0)
        r = making_copy(making, form->key_file, &tls->key_file);
    tls->insecure = form->insecure || making->options->insecure;
    if (r == 0)
        r = check_file(making, &form->form, "ca_file", form->ca_file);
    if (r == 0)
        r = check_file(making, &form->form, "cert_file", form->cert_file);
    if (r == 0)
        r = check_file(making, &form->form, "key_file", form->key_file);
    if (r == 0 && !form->form.faulty && !form->cert_file != !form->key_file)
        r = MAKING_REFUSE(making, form->form.node, "write both cert_file and key_file",
                          "a certificate without its key, or a key without its "
                          "certificate");
    return r;
}

static int make_backend_header(struct making *making, const struct target_form *form,
                               struct plan_target *target)
{
    const struct config_node *place = making_place(&form->form, "backend_header");

    if (form->backend_header && !making_is_header_name(form->backend_header))
        return MAKING_REFUSE(making, place, "write one such as X-Served-By",
                             "backend_header: '%s' is not a header's name",
                             place->written);
    return making_copy(making, form->backend_header, &target->backend_header);
}

/* The addresses are only written right here; whether they are this machine's is seen before a run. */
static int make_sources(struct making *making, const struct connections_form *form,
                        struct plan_connections *connections)
{
    const char *const *given = (const char *const *)form->sources.items;
    const size_t count = form->sources.count;
    const char **sources = (const char **)making_array(making, count, sizeof(*sources));
    struct in6_addr address;
    int r = sources ? 0 : -ENOMEM;

    for (size_t i = 0; r == 0 && i < count; i++) {
        if (inet_pton(AF_INET, given[i], &address) != 1 &&
            inet_pton(AF_INET6, given[i], &address) != 1)
            r = MAKING_REFUSE(making, making_place(&form->form, "sources"),
                              "write one such as 10.0.0.5, without a port",
                              "sources: '%s' is not an IP address", given[i]);
        else
            r = making_copy(making, given[i], &sources[i]);
    }
    connections->sources = sources;
    connections->source_count = count;
    return r;
}

static int make_health(struct making *making, const struct target_form *form,
                       struct plan_target *target)
{
    if (form->health && *form->health != '/')
        return MAKING_REFUSE(
            making, making_place(&form->form, "health"), "write one such as /health",
            "health: '%s' is not a path from the server's root", form->health);
    return making_copy(making, form->health, &target->health);
}

static int make_target(struct making *making, const struct target_form *form,
                       const char *name, struct plan_target *target)
{
    int r = making_copy(making, name, &target->name);

    target->api = (enum plan_api)form->api;
    target->http = (enum plan_http)form->http;
    target->connections = (struct plan_connections){
        .reuse = (enum plan_reuse)form->connections.reuse,
        .max = (uint32_t)form->connections.max,
        .streams = (uint32_t)form->connections.streams,
        .max_age_ns = form->connections.max_age_ns,
    };
    target->timeouts = (struct plan_timeouts){
        .connect_ns = form->timeouts.connect_ns,
        .first_token_ns = form->timeouts.first_token_ns,
        .idle_ns = form->timeouts.idle_ns,
        .total_ns = form->timeouts.total_ns,
    };
    if (r == 0)
        r = make_sources(making, &form->connections, &target->connections);
    if (r == 0)
        r = make_health(making, form, target);
    if (r == 0)
        r = make_address(making, form, target);
    if (r == 0)
        r = making_secret(making, form->api_key ? secret_reveal(form->api_key) : NULL,
                          &target->api_key);
    if (r == 0)
        r = making_headers(making, form->headers, &target->headers,
                           &target->header_count);
    if (r == 0)
        r = make_backend_header(making, form, target);
    if (r == 0)
        r = making_copy(making, form->proxy, &target->proxy);
    if (r == 0)
        r = make_tls(making, &form->tls, &target->tls);
    if (r == 0)
        r = make_breaker(making, &form->breaker, &target->breaker);
    return r < 0 ? r
                 : make_retry(making, &form->retry,
                              &making->target_retries[target - making->plan->targets]);
}

/* The platform is a target like others, with words of its own for what it has of one. */
static int make_platform_target(struct making *making, struct plan_target *target)
{
    const struct platform_form *platform = &making->form->platform;
    const struct target_form form = {
        .form = platform->form,
        .url = platform->url,
        .api_key = platform->token,
        .headers = platform->headers,
        .proxy = platform->proxy,
        .tls = platform->tls,
        .timeouts = platform->timeouts,
        .retry = platform->retry,
    };

    making->plan->platform.is_used = true;
    making->plan->platform.target = (uint32_t)(target - making->plan->targets);
    return make_target(making, &form, PLAN_PLATFORM_TARGET, target);
}

/* `target:` is the one named default; it comes first, and what names no target uses the first. */
int make_targets(struct making *making)
{
    const struct scenario_form *form = making->form;
    const struct target_form *named = form->targets.items;
    const bool has_default = form->target.form.node != NULL;
    const size_t count = form->targets.count + has_default;
    /* A target of its own for each --base-url of a class. */
    const size_t room = count + 1 + making->options->base_url_count;
    struct plan_target *targets = making_array(making, room, sizeof(*targets));
    size_t at = 0;
    int r = targets ? 0 : -ENOMEM;

    if (r < 0)
        return r;
    making->target_retries = (const struct plan_retry **)making_array(
        making, room, sizeof(*making->target_retries));
    if (!making->target_retries)
        return -ENOMEM;
    making->plan->targets = targets;
    if (has_default)
        r = make_target(making, &form->target, "default", &targets[at++]);
    for (size_t i = 0; r == 0 && i < form->targets.count; i++) {
        const char *name = named[i].form.key->text;

        if (has_default && strcmp(name, "default") == 0)
            r = MAKING_REFUSE(making, named[i].form.key,
                              "keep either 'target' or 'targets: {default: …}'",
                              "the default target is described twice");
        if (r == 0 && form->platform.form.node && strcmp(name, PLAN_PLATFORM_TARGET) == 0)
            r = MAKING_REFUSE(making, named[i].form.key,
                              "give it another name: steps with 'target: platform' go "
                              "to the one under 'platform:'",
                              "a target named 'platform' beside the platform");
        if (r == 0)
            r = make_target(making, &named[i], name, &targets[at++]);
    }
    if (r == 0 && form->platform.form.node)
        r = make_platform_target(making, &targets[at++]);
    making->plan->target_count = at;
    if (r == 0 && count == 0 && !form->form.faulty)
        r = MAKING_REFUSE(making, form->form.node,
                          "write 'target: simulator', or the URL of a server",
                          "the scenario has no target");
    return r;
}
