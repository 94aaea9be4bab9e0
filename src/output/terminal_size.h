/*
 * The size of a terminal, which changes while a run goes on.
 */
#pragma once

/* 0 where it is not known. */
struct terminal_size {
    int columns;
    int rows;
};

/* Of the terminal behind a descriptor. */
struct terminal_size terminal_size_of(int fd);
