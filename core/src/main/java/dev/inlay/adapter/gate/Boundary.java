package dev.inlay.adapter.gate;

/** Which token is the first that a trigger opens. */
public enum Boundary {
    /** The trigger's first token: PEFT. */
    AT_FIRST_TRIGGER_TOKEN {
        @Override
        int start(int index, int length) {
            return index;
        }
    },
    /** The one behind the trigger's first: the adapters that IBM trained before PEFT had them. */
    AFTER_FIRST_TRIGGER_TOKEN {
        @Override
        int start(int index, int length) {
            return index + 1;
        }
    },
    /** The one before the trigger. */
    ONE_BEFORE {
        @Override
        int start(int index, int length) {
            return Math.max(0, index - 1);
        }
    },
    /** The first behind the trigger. */
    AFTER_TRIGGER {
        @Override
        int start(int index, int length) {
            return index + length;
        }
    };

    /**
     * @param index of the trigger's first token
     * @param length of the trigger
     */
    abstract int start(int index, int length);
}
