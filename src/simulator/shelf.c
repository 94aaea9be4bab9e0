#include "simulator/shelf.h"

#include <errno.h>

int shelf_put(json_t *shelf, size_t most, const char *name, json_t *value)
{
    if (json_object_set_new(shelf, name, value) < 0)
        return -ENOMEM;
    /* jansson's objects are walked in the order in which their members were first put. */
    if (json_object_size(shelf) > most)
        (void)json_object_del(shelf, json_object_iter_key(json_object_iter(shelf)));
    return 0;
}

json_t *shelf_page(json_t *shelf, size_t skip, size_t count)
{
    json_t *page = json_array();

    for (void *at = json_object_iter(shelf); page && at && json_array_size(page) < count;
         at = json_object_iter_next(shelf, at)) {
        if (skip > 0) {
            skip--;
        } else if (json_array_append(page, json_object_iter_value(at)) < 0) {
            json_decref(page);
            page = NULL;
        }
    }
    return page;
}
