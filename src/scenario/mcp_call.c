#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "scenario/compiling.h"
#include "scenario/text.h"
#include "scenario/variable.h"

/* What arguments may take as JSON. */
#define MAX_PARAMS_BYTES ((size_t)1 << 20)

/* What the steps that open a session are called in results. */
#define OPENING_NAME "mcp initialize"

static const struct field mcp_fields[] = {
    {ROW("path", FIELD_TEXT, struct mcp_form, path), .preset = "/mcp",
     .help = "of the server's endpoint"},
    {ROW("tool", FIELD_TEXT, struct mcp_form, tool), .help = "the tool that is called"},
    {ROW("arguments", FIELD_NODE, struct mcp_form, arguments), .unit = "a map",
     .help = "of the tool, with templates in their strings"},
    {ROW("method", FIELD_TEXT, struct mcp_form, method),
     .help = "instead of `tool`: any method, such as `tools/list`"},
    {ROW("params", FIELD_NODE, struct mcp_form, params), .unit = "a map",
     .help = "of the method, with templates in their strings"},
};

const struct field_table mcp_table = {
    TABLE_OF("mcp", mcp_fields, struct mcp_form,
             "A call of the Model Context Protocol over streamable HTTP. The session is "
             "opened before a\nuser's first call; those requests are the step `mcp "
             "initialize`. A tool that says it failed is\na failed request "
             "(`tool_error`)."),
    .short_key = "tool",
    .example = "- mcp: {tool: read_file, arguments: {path: \"notes/{{ vars.n }}.md\"}}\n"
               "- mcp: {method: tools/list}\n"};

static int check_mcp(struct making *making, const struct mcp_form *form)
{
    if (form->form.faulty)
        return 0; /* that was told when the form was filled */
    if (!form->tool == !form->method)
        return MAKING_REFUSE(
            making, form->form.node,
            "write 'mcp: {tool: read_file}' or 'mcp: {method: tools/list}'",
            form->tool ? "both 'tool' and 'method'" : "neither 'tool' nor 'method'");
    if (form->arguments && !form->tool)
        return MAKING_REFUSE(making, making_place(&form->form, "arguments"),
                             "write 'params'", "only a tool has arguments");
    if (form->params && form->tool)
        return MAKING_REFUSE(making, making_place(&form->form, "params"),
                             "write 'arguments'", "a tool has arguments");
    return 0;
}

/* {"name": …, "arguments": {…}} of a tool. */
static int make_tool(struct making *making, const struct mcp_form *form,
                     struct plan_text *ret_params)
{
    struct buf json = BUF_INIT(MAX_PARAMS_BYTES);
    int r;

    buf_append_str(&json, "{\"name\":\"");
    buf_append_json(&json, form->tool, strlen(form->tool));
    buf_append_str(&json, "\",\"arguments\":");
    if (form->arguments)
        config_write_json(form->arguments, &json);
    else
        buf_append_str(&json, "{}");
    buf_append_char(&json, '}');
    r = buf_error(&json);
    if (r == -EMSGSIZE)
        r = MAKING_REFUSE(making, form->form.node, NULL, "more than %zu bytes as JSON",
                          MAX_PARAMS_BYTES);
    else if (r == 0)
        r = making_json_text(making, form->arguments ? form->arguments : form->form.node,
                             buf_str(&json), ret_params);
    buf_deinit(&json);
    return r;
}

static int make_call(struct making *making, const struct mcp_form *form,
                     struct plan_mcp_call *call)
{
    int r =
        making_path(making, making_place(&form->form, "path"), form->path, &call->path);

    call->method = "tools/call";
    if (r == 0 && form->method)
        r = making_copy(making, form->method, &call->method);
    if (r == 0 && form->tool)
        r = make_tool(making, form, &call->params);
    else if (r == 0 && form->params)
        r = making_json(making, form->params, MAX_PARAMS_BYTES, &call->params);
    return r;
}

/* One session for each server; no scenario can name such a variable. */
static int declare_session(struct compiling *compiling, const struct plan_step *step,
                           const char *path, uint32_t *ret_session)
{
    const struct plan *plan = compiling->making->plan;
    const uint32_t target = step->target == PLAN_NONE ? compiling->target : step->target;
    char name[300];

    (void)snprintf(name, sizeof(name), "mcp session %.100s%.150s",
                   target < plan->target_count ? plan->targets[target].name : "", path);
    return variable_declare(compiling->making, name, true, ret_session);
}

/*
 * The session's id stands in a header of the answer; a server without sessions sends none, and then the
 * variable is empty, so that nobody opens one again.
 */
static int extract_session(struct making *making, uint32_t session,
                           struct plan_step *step)
{
    struct plan_extract *extract = making_array(making, 1, sizeof(*extract));

    if (!extract)
        return -ENOMEM;
    *extract = (struct plan_extract){.variable = session,
                                     .kind = PLAN_EXTRACT_HEADER,
                                     .query = PLAN_NONE,
                                     .pattern = PLAN_NONE,
                                     .header = "Mcp-Session-Id",
                                     .fallback = ""};
    step->extracts = extract;
    step->extract_count = 1;
    return 0;
}

/* A request of the opening: as the call, but for what it calls. */
static int compile_opening(struct compiling *compiling, const struct step_form *form,
                           const struct plan_mcp_call *call)
{
    uint32_t index;
    struct plan_step *step = compiling_add_step(compiling, &index);
    int r;

    if (!step)
        return -ENOMEM;
    step->kind = PLAN_STEP_MCP;
    step->mcp = *call;
    r = make_carrying_step(compiling, form, OPENING_NAME, step);
    if (r == 0 && !call->notification)
        r = extract_session(compiling->making, call->session, step);
    return r < 0 ? r : compiling_emit(compiling, PLAN_OP_REQUEST, index, 0);
}

static int compile_openings(struct compiling *compiling, const struct step_form *form,
                            const struct plan_mcp_call *call)
{
    static const char greeting[] =
        "{\"protocolVersion\":\"2025-06-18\",\"capabilities\":{},"
        "\"clientInfo\":{\"name\":\"throng\",\"version\":\"1\"}}";
    const uint32_t known = compiling_here(compiling);
    struct plan_mcp_call opening = {
        .path = call->path,
        .method = "initialize",
        .params = PLAN_LITERAL(greeting),
        .session = call->session,
    };
    int r = compiling_emit(compiling, PLAN_OP_IF_KNOWN, call->session, 0);

    if (r == 0)
        r = compile_opening(compiling, form, &opening);
    opening.method = "notifications/initialized";
    opening.params = (struct plan_text){0};
    opening.notification = true;
    if (r == 0)
        r = compile_opening(compiling, form, &opening);
    compiling_aim(compiling, known, compiling_here(compiling));
    return r;
}

int compile_mcp(struct compiling *compiling, const struct step_form *form)
{
    struct making *making = compiling->making;
    const struct mcp_form *given = &form->mcp;
    const char *name = given->tool ? given->tool : given->method ? given->method : "mcp";
    struct plan_step made = {.kind = PLAN_STEP_MCP, .target = PLAN_NONE};
    struct plan_step *step;
    uint32_t index;
    int r = check_mcp(making, given);

    /* The step itself comes behind its opening. */
    if (r == 0)
        r = make_request_step(compiling, form, name, &made);
    if (r == 0)
        r = make_call(making, given, &made.mcp);
    if (r == 0)
        r = declare_session(compiling, &made, given->path, &made.mcp.session);
    if (r == 0)
        r = compile_openings(compiling, form, &made.mcp);
    step = r < 0 ? NULL : compiling_add_step(compiling, &index);
    if (!step)
        return r < 0 ? r : -ENOMEM;
    made.unmeasured = step->unmeasured;
    *step = made;
    r = make_step_manners(compiling, form, step);
    return r < 0 ? r : compiling_emit(compiling, PLAN_OP_REQUEST, index, 0);
}
