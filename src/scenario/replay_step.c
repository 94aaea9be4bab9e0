#include <errno.h>

#include "scenario/compiling.h"

static const struct field replay_fields[] = {
    {ROW("model", FIELD_TEXT, struct replay_form, chat.model),
     .help =
         "of entries that are lengths, and what those that are requests count as where "
         "their body names none under `models`; by default the class's `model`, else "
         "the only one under `models`"},
    {ROW("max_tokens", FIELD_COUNT, struct replay_form, chat.max_tokens),
     .unit = "tokens", .min = "1", .max = "10000000",
     .help = "of entries that are lengths: longest answer, in place of the recorded "
             "length"},
    {ROW("exact_output", FIELD_BOOL, struct replay_form, exact_output), .preset = "false",
     .help = "of entries that are lengths: ask for an answer of just the recorded length "
             "(`min_tokens`, `ignore_eos`), which vLLM, SGLang and TGI know"},
    {ROW("stream", FIELD_BOOL, struct replay_form, chat.stream), .preset = "true",
     .help = "of entries that are lengths: whether the answer is streamed"},
    {ROW("include_usage", FIELD_BOOL, struct replay_form, chat.include_usage),
     .preset = "true",
     .help = "of entries that are lengths: ask for token counts at the end of a stream"},
    {ROW("temperature", FIELD_NUMBER, struct replay_form, chat.temperature), .min = "0",
     .max = "2", .help = "of entries that are lengths; not sent by default"},
    {ROW("extra_body", FIELD_NODE, struct replay_form, chat.extra_body), .unit = "a map",
     .help = "of entries that are lengths: merged into the request last"},
};

const struct field_table replay_table = {
    TABLE_OF(
        "replay", replay_fields, struct replay_form,
        "What the trace holds at this place. An entry with a request is sent as it was: "
        "method, path, headers and\nbody byte for byte, with the key of the target or "
        "of `auth`. An entry with lengths becomes a chat of so\nmany words that asks for "
        "an answer of so many tokens."),
    .example = "users:\n"
               "  people:\n"
               "    flow: [{replay: {model: gpt-4o}}]\n"
               "arrivals: {users: 200}\n"
               "load:\n"
               "  - {phase: replay, trace: conversation_trace.jsonl, for: 10m}\n"};

int compile_replay(struct compiling *compiling, const struct step_form *form)
{
    struct making *making = compiling->making;
    struct plan_step *step;
    uint32_t index;
    int r = 0;

    if (compiling->unmeasured)
        return MAKING_REFUSE(making, config_find_key(form->form.node, "replay"),
                             "write it into the flow of a class",
                             "setup and teardown have no place in a trace");
    step = compiling_add_step(compiling, &index);
    if (!step)
        return -ENOMEM;
    step->kind = PLAN_STEP_REPLAY;
    r = make_request_step(compiling, form, step_kind_key(STEP_REPLAY), step);
    if (r == 0)
        r = make_chat(compiling, &form->replay.chat, STEP_REPLAY, step);
    step->chat.synthetic.exact_output = form->replay.exact_output;
    if (r == 0)
        r = make_step_manners(compiling, form, step);
    return r < 0 ? r : compiling_emit(compiling, PLAN_OP_REQUEST, index, 0);
}
