#include "paper.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

void paper_write(struct paper *paper, const char *bytes, size_t len)
{
    FILE *file;

    if (!paper->folder[0]) {
        snprintf(paper->folder, sizeof(paper->folder), "/tmp/throng-paper-XXXXXX");
        assert_non_null(mkdtemp(paper->folder));
        snprintf(paper->path, sizeof(paper->path), "%s/rows", paper->folder);
    }
    file = fopen(paper->path, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

void paper_remove(struct paper *paper)
{
    if (!paper->folder[0])
        return;
    (void)unlink(paper->path);
    (void)rmdir(paper->folder);
    *paper = (struct paper){0};
}
