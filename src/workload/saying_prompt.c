#include "base/buf.h"
#include "plan/program.h"
#include "workload/saying.h"

static int write_prompt(struct saying *saying, struct buf *out)
{
    const struct plan_text *prompt = &saying->chat->prompt;

    return buf_append(out, prompt->text, prompt->len);
}

const struct saying_way saying_prompt = {.write = write_prompt};
