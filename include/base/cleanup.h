/*
 * Scope-bound release: a variable marked CLEANUP is given to its function when it leaves scope,
 * and TAKE moves the value out so that nothing is released.
 */
#pragma once

/* Calls fn(&variable) at the end of the scope: fn takes a pointer to the variable's type. */
#define CLEANUP(fn) __attribute__((cleanup(fn)))

/* The value of a pointer variable, which is NULL afterwards: ownership moves to the reader. */
#define TAKE(pointer)                                                                    \
    (__extension__({                                                                     \
        __typeof__(pointer) *take_from = &(pointer);                                     \
        __typeof__(pointer) taken = *take_from;                                          \
        *take_from = NULL;                                                               \
        taken;                                                                           \
    }))

/* Defines NAMEp(T **), for CLEANUP, out of NAME(T *). */
#define DEFINE_CLEANUP(type, name)                                                       \
    static inline void name##p(__typeof__(type) **pointer)                               \
    {                                                                                    \
        (void)name(*pointer);                                                            \
        *pointer = NULL;                                                                 \
    }

/* How many elements an array has (never a pointer). */
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
