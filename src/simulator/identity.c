#include "simulator/identity.h"

#include <inttypes.h>
#include <string.h>

#include "simulator/generation.h"
#include "simulator/instance.h"

void identity_write(const struct generation *generation, const char *object,
                    struct buf *out)
{
    buf_printf(out,
               "{\"id\":\"%s\",\"object\":\"%s\",\"created\":%" PRIu64 ",\"model\":\"",
               generation->id, object, generation->created_s);
    buf_append_json(out, generation->model, strlen(generation->model));
    buf_printf(out, "\",\"system_fingerprint\":\"%s\"",
               generation->simulator->fingerprint);
}
