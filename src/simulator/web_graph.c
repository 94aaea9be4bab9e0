#include "simulator/web_graph.h"

#include "simulator/web.h"

#define NODES_MAX 100
#define EDGES_MAX 1000

static bool refuse(const struct exchange *exchange, const char *field,
                   const char *message)
{
    web_refuse_field(exchange, "body", field, message);
    return false;
}

/* Whether an end of an edge, under either of its names, is the id of a node. */
static bool is_node(const json_t *ids, const json_t *edge, const char *name,
                    const char *other_name)
{
    const json_t *end = json_object_get(edge, name);

    if (!end)
        end = json_object_get(edge, other_name);
    return json_is_string(end) && json_object_get(ids, json_string_value(end));
}

/* Gathers the ids of the nodes. */
static bool check_nodes(const struct exchange *exchange, const json_t *nodes, json_t *ids)
{
    size_t i;
    const json_t *node;

    if (json_array_size(nodes) == 0 || json_array_size(nodes) > NODES_MAX)
        return refuse(exchange, "nodes", "a list of 1 to 100 nodes is required");
    json_array_foreach(nodes, i, node)
    {
        const char *id = json_string_value(json_object_get(node, "id"));

        if (!id || json_object_get(ids, id))
            return refuse(exchange, "nodes", "each node needs an id of its own");
        (void)json_object_set_new(ids, id, json_true());
    }
    return true;
}

static bool check_edges(const struct exchange *exchange, const json_t *edges,
                        const json_t *ids)
{
    size_t i;
    const json_t *edge;

    if (!json_is_array(edges) || json_array_size(edges) > EDGES_MAX)
        return refuse(exchange, "edges", "a list of at most 1000 edges is required");
    json_array_foreach(edges, i, edge)
    {
        if (!is_node(ids, edge, "from", "source") || !is_node(ids, edge, "to", "target"))
            return refuse(exchange, "edges", "each edge must join two of the nodes");
    }
    return true;
}

bool web_check_graph(const struct exchange *exchange, const json_t *body)
{
    json_t *ids = json_object();
    const bool is_good = check_nodes(exchange, json_object_get(body, "nodes"), ids) &&
                         check_edges(exchange, json_object_get(body, "edges"), ids);

    json_decref(ids);
    return is_good;
}
