/*
 * The life of a simulated user as a table: state × event → state. Pure: user.c is the only one
 * that acts on it.
 *
 *          WANTED             ASK            GO           UNWANTED
 *   ABSENT ──────▶ STEPPING ──────▶ QUEUED ──────▶ ASKING ───────▶ LEAVING
 *     ▲ ▲ FINISH    │ ▲ ▲ ▲            │ UNSENT    │ │ │ ◀───────  │ │
 *     │ └───────────┤ │ │ └─── END ────┼───────────┘ │ │   WANTED  │ │ CUT, TIMER
 *     │       PAUSE │ │ │ TIMER        ▼ DELAY       │ │           │ ▼
 *     │             │ │ └──────── BACKING_OFF ◀──────┘ │           │ CANCELLING
 *     │             ▼ │ TIMER            AGAIN, UNSENT │           │ ▲  │
 *     │            THINKING                            └────── CUT ┼─┘  │
 *     └── UNWANTED, CUT from all that wait ─────────────────── END ┴────┘
 *
 * CLOSE leads from all that wait or leave back to STEPPING, for the last things a user does. UNWANTED
 * does not come to who waits in these.
 */
#pragma once

enum user_state {
    USER_REFUSED,  /* no state: the answer to an event that cannot come there */
    USER_ABSENT,   /* nobody is there: not wanted yet, or gone */
    USER_STEPPING, /* between two waits: their program decides what comes next */
    USER_THINKING, /* pauses; the timer ends it */
    USER_QUEUED,   /* a request is ready and waits for permission to go */
    USER_ASKING,   /* a request is on its way, or is being answered */
    USER_BACKING_OFF, /* waits before something is tried, or tried again; the timer ends it */
    USER_LEAVING,     /* unwanted: the request may finish until the timer runs out */
    USER_CANCELLING, /* the request was cut off; the transport has yet to let go of it */
    USER_STATE_COUNT,
};

enum user_event {
    USER_EVENT_WANTED,   /* the load source wants this user */
    USER_EVENT_UNWANTED, /* not any more: nothing new is started */
    USER_EVENT_CUT,      /* not a moment longer */
    USER_EVENT_TIMER,    /* what was waited for has come */
    USER_EVENT_PAUSE,    /* the program thinks */
    USER_EVENT_ASK,      /* the program asks, or the operation wants another attempt */
    USER_EVENT_FINISH,   /* the program is over, and its last iteration with it */
    USER_EVENT_GO,       /* the request may be sent */
    USER_EVENT_DELAY,    /* it is to be sent later than it is due */
    USER_EVENT_UNSENT,   /* it could not be made, or not be handed to the network */
    USER_EVENT_END,      /* the attempt is over, and the operation with it */
    USER_EVENT_AGAIN,    /* the attempt is over, and the operation wants another */
    USER_EVENT_CLOSE,    /* they go, and have some last things to do */
    USER_EVENT_COUNT,
};

/* Where an event leads; USER_REFUSED when it cannot come in that state. */
enum user_state user_next_state(enum user_state state, enum user_event event);

/* A word for logs: "thinking". */
const char *user_state_name(enum user_state state);
