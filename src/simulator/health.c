/*
 * GET /health and /v1/health: one simulator stands for the whole stack of a gateway, whose parts
 * its health names. A part that an outage has down makes the whole 503.
 */
#include "base/cleanup.h"
#include "simulator/endpoint.h"
#include "simulator/instance.h"

static const struct {
    const char *name;
    enum simulator_service service;
} parts[] = {
    {"llm", SIMULATOR_CHAT},         {"embeddings", SIMULATOR_EMBEDDINGS},
    {"vector_store", SIMULATOR_RAG}, {"mcp", SIMULATOR_MCP},
    {"web", SIMULATOR_WEB},
};

void health_show(struct exchange *exchange)
{
    const struct simulator *simulator = exchange->simulator;
    const uint64_t since_start_ns = exchange->now_ns - simulator->started_ns;
    json_t *components = json_object();
    bool is_well = true;

    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        const bool is_down =
            fault_is_outage(simulator->options, parts[i].service, since_start_ns);

        is_well = is_well && !is_down;
        (void)json_object_set_new(components, parts[i].name,
                                  json_string(is_down ? "down" : "ok"));
    }
    exchange_answer_json(exchange, is_well ? 200 : 503,
                         json_pack("{s:s, s:o}", "status", is_well ? "ok" : "degraded",
                                   "components", components));
}
