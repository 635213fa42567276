package dev.inlay.adapter.peft;

import java.util.List;

/** One way to say which modules are meant. */
public sealed interface Selector {

    /** Selects nothing. */
    Selector NOTHING = new Names(List.of());

    /** Whether this selects the module at its full dotted path. */
    boolean selects(ModelModule module);

    /** Names of modules, or ends of their paths that begin at a segment. */
    record Names(List<String> names) implements Selector {
        public Names {
            names = names.stream().sorted().distinct().toList();
        }

        @Override
        public boolean selects(ModelModule module) {
            return names.stream().anyMatch(name -> isEnd(name, module.path()));
        }

        /** A target that is a module's exact path is not subject to the layer filter. */
        boolean namesExactly(ModelModule module) {
            return names.contains(module.path());
        }

        static boolean isEnd(String name, String path) {
            return path.equals(name) || path.endsWith("." + name);
        }
    }

    /** A regular expression over the whole path. */
    record Expression(NamePattern pattern) implements Selector {
        @Override
        public boolean selects(ModelModule module) {
            return pattern.matches(module.path());
        }
    }

    /** Every linear map but the output head: {@code "all-linear"}. */
    record AllLinear() implements Selector {
        @Override
        public boolean selects(ModelModule module) {
            return module.kind().linear() && !module.head();
        }
    }

    /** Nothing was said: the names that are usual for the model's family. Resolved before it is asked. */
    record FamilyDefault() implements Selector {
        @Override
        public boolean selects(ModelModule module) {
            return false;
        }
    }
}
