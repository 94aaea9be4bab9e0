/* Source: MCP 2025-06-18, "Tools": the tool object, and results with isError. */
#include "simulator/tool.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/rng.h"
#include "simulator/lexicon.h"
#include "simulator/sandbox.h"

#define RESULT_BYTES_MAX (256 * 1024)
#define COMMITS_BY_DEFAULT 10
#define COMMITS_MAX 50
/* The second at which the latest commit was made; each before it was an hour earlier. */
#define LATEST_COMMIT_S UINT64_C(1750000000)
#define SECONDS_PER_COMMIT 3600

/* One call, as a tool sees it. */
struct call {
    struct sandbox *sandbox;
    const json_t *arguments;
    struct rng *words;
    struct buf *out; /* the text of the result */
    bool is_error;
};

static const char *text_argument(const struct call *call, const char *name)
{
    return json_string_value(json_object_get(call->arguments, name));
}

/* Says how a file could not be had. */
static void say_trouble(struct call *call, enum sandbox_result result, const char *path)
{
    static const char *const troubles[] = {
        [SANDBOX_OK] = "",
        [SANDBOX_VIOLATION] = "sandbox violation: the path is outside the workspace: ",
        [SANDBOX_MISSING] = "no such file: ",
        [SANDBOX_FULL] = "the sandbox is full: ",
    };

    call->is_error = true;
    buf_printf(call->out, "%s%s", troubles[result], path);
}

static void read_file(struct call *call)
{
    const char *path = text_argument(call, "path");
    const char *text = NULL;
    const enum sandbox_result result = sandbox_read(call->sandbox, path, &text);

    if (result == SANDBOX_OK)
        buf_append_str(call->out, text);
    else
        say_trouble(call, result, path);
}

static void write_file(struct call *call)
{
    const char *path = text_argument(call, "path");
    const char *content = text_argument(call, "content");
    const enum sandbox_result result = sandbox_write(call->sandbox, path, content);

    if (result == SANDBOX_OK)
        buf_printf(call->out, "Wrote %zu bytes to %s", strlen(content), path);
    else
        say_trouble(call, result, path);
}

static void git_status(struct call *call)
{
    const char *path;
    bool is_new;

    buf_append_str(call->out, "On branch main\n");
    for (size_t i = 0; (path = sandbox_written(call->sandbox, i, &is_new)); i++)
        buf_printf(call->out, "%s %s\n", is_new ? "??" : " M", path);
    if (!sandbox_written(call->sandbox, 0, &is_new))
        buf_append_str(call->out, "nothing to commit, working tree clean\n");
}

static void git_log(struct call *call)
{
    const json_t *given = json_object_get(call->arguments, "max_count");
    const json_int_t asked = given ? json_integer_value(given) : COMMITS_BY_DEFAULT;
    const uint64_t count = asked < 1             ? 1
                           : asked > COMMITS_MAX ? COMMITS_MAX
                                                 : (uint64_t)asked;

    for (uint64_t i = 0; i < count; i++)
        buf_printf(call->out, "%016" PRIx64 " %" PRIu64 " dev: %s the %s\n", rng_mix(i),
                   LATEST_COMMIT_S - i * SECONDS_PER_COMMIT, lexicon_draw(call->words),
                   lexicon_draw(call->words));
}

static void web_scrape(struct call *call)
{
    const char *url = text_argument(call, "url");
    const uint64_t words = 50 + rng_below(call->words, 200);

    if (strncasecmp(url, "http://", 7) != 0 && strncasecmp(url, "https://", 8) != 0) {
        call->is_error = true;
        buf_printf(call->out, "sandbox violation: only http and https can be fetched: %s",
                   url);
        return;
    }
    buf_printf(call->out, "# %s\n\n", url);
    for (uint64_t i = 0; i < words; i++)
        buf_printf(call->out, "%s%s", i > 0 ? " " : "", lexicon_draw(call->words));
}

#define PATH_PROPERTY                                                                    \
    "\"path\":{\"type\":\"string\",\"description\":\"Below the workspace\"}"

static const struct tool {
    const char *name;
    const char *description;
    const char *schema;      /* of its arguments */
    const char *required[3]; /* arguments, all strings; NULL ends the list */
    void (*call)(struct call *call);
} tools[] = {
    {"read_file",
     "Reads a file of the workspace",
     "{\"type\":\"object\",\"properties\":{" PATH_PROPERTY "},\"required\":[\"path\"]}",
     {"path"},
     read_file},
    {"write_file",
     "Writes a file of the workspace",
     "{\"type\":\"object\",\"properties\":{" PATH_PROPERTY
     ",\"content\":{\"type\":\"string\"}},\"required\":[\"path\",\"content\"]}",
     {"path", "content"},
     write_file},
    {"git_status",
     "Shows what differs from the last commit",
     "{\"type\":\"object\",\"properties\":{}}",
     {NULL},
     git_status},
    {"git_log",
     "Shows the latest commits",
     "{\"type\":\"object\",\"properties\":{\"max_count\":{\"type\":\"integer\","
     "\"minimum\":1,\"maximum\":50}}}",
     {NULL},
     git_log},
    {"web_scrape",
     "Fetches a web page as text",
     "{\"type\":\"object\",\"properties\":{\"url\":{\"type\":\"string\",\"format\":"
     "\"uri\"}},\"required\":[\"url\"]}",
     {"url"},
     web_scrape},
};

json_t *tool_list(void)
{
    json_t *list = json_array();

    for (size_t i = 0; i < COUNT_OF(tools); i++)
        (void)json_array_append_new(
            list, json_pack("{s:s, s:s, s:o}", "name", tools[i].name, "description",
                            tools[i].description, "inputSchema",
                            json_loads(tools[i].schema, 0, NULL)));
    if (json_array_size(list) != COUNT_OF(tools)) {
        json_decref(list);
        return NULL;
    }
    return json_pack("{s:o}", "tools", list);
}

static json_t *result_of(const char *text, bool is_error)
{
    return json_pack("{s:[{s:s, s:s}], s:b}", "content", "type", "text", "text", text,
                     "isError", is_error ? 1 : 0);
}

json_t *tool_failure(const char *reason)
{
    return result_of(reason, true);
}

static bool has_arguments(const struct tool *tool, const json_t *arguments)
{
    for (size_t i = 0; tool->required[i]; i++) {
        if (!json_is_string(json_object_get(arguments, tool->required[i])))
            return false;
    }
    return true;
}

static const struct tool *find(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(tools); i++) {
        if (strcmp(tools[i].name, name) == 0)
            return &tools[i];
    }
    return NULL;
}

enum tool_call tool_call(struct sandbox *sandbox, const char *name,
                         const json_t *arguments, struct rng *words, json_t **ret_result)
{
    const struct tool *tool = find(name);
    CLEANUP(buf_deinit) struct buf out = BUF_INIT(RESULT_BYTES_MAX);
    struct call call = {sandbox, arguments, words, &out, false};

    if (!tool)
        return TOOL_UNKNOWN;
    if (!has_arguments(tool, arguments))
        return TOOL_BAD_ARGUMENTS;
    tool->call(&call);
    *ret_result = buf_error(&out) < 0 ? NULL : result_of(buf_str(&out), call.is_error);
    return TOOL_CALLED;
}
