#include "simulator/endpoint.h"

void health_show(struct exchange *exchange)
{
    static const char body[] = "{\"status\":\"ok\"}";

    exchange_answer(exchange, 200, body, sizeof(body) - 1);
}
