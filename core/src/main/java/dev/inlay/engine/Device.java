package dev.inlay.engine;

import dev.inlay.InlayException;
import java.util.Locale;

/**
 * Where tensors live and are computed.
 *
 * @param kind processor or accelerator
 * @param index number of the accelerator, from 0; 0 for the processor
 */
public record Device(Kind kind, int index) {
    /** The processor. */
    public static final Device CPU = new Device(Kind.CPU, 0);

    /** Kinds of devices that the native build may know. */
    public enum Kind {
        CPU,
        CUDA
    }

    public Device {
        InlayException.require(index >= 0, "device index must not be negative, was %d", index);
    }

    /** Parses {@code cpu}, {@code cuda} or {@code cuda:1}; the device must exist on this machine. */
    public static Device parse(String text) {
        String name = text.toLowerCase(Locale.ROOT);
        if (name.equals("cpu")) {
            return CPU;
        }
        if (!name.matches("cuda(:\\d{1,3})?")) {
            throw InlayException.usage("unknown device \"%s\"; choose cpu, cuda or cuda:N", text);
        }
        int index = name.contains(":") ? Integer.parseInt(name.substring(5)) : 0;
        int present = Native.cudaDevices();
        if (index >= present) {
            throw InlayException.usage(
                    "device %s is not there: this machine and build offer %d CUDA devices; choose cpu", text, present);
        }
        return new Device(Kind.CUDA, index);
    }

    @Override
    public String toString() {
        return kind == Kind.CPU ? "cpu" : "cuda:" + index;
    }

    org.bytedeco.pytorch.Device handle() {
        return new org.bytedeco.pytorch.Device(toString());
    }
}
