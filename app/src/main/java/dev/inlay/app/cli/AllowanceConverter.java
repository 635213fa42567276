package dev.inlay.app.cli;

import dev.inlay.adapter.peft.Allowance;
import java.util.Arrays;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code other-base} and the like. */
final class AllowanceConverter implements ITypeConverter<Allowance> {
    @Override
    public Allowance convert(String value) {
        String name = value.toUpperCase(Locale.ROOT).replace('-', '_');
        return Arrays.stream(Allowance.values())
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new TypeConversionException("'" + value + "' is nothing that can be allowed"));
    }
}
