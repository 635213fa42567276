package dev.inlay.training.data;

import dev.inlay.InlayException;
import dev.inlay.training.data.DataReport.Cause;
import dev.inlay.training.data.DataReport.Loss;
import dev.inlay.training.data.DataReport.Pieces;
import dev.inlay.training.data.DataReport.Unusable;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Examples, each with at least one target and none over the limit, and the account of where the rows went. */
public record Examples(List<Example> list, DataReport report) {
    public Examples {
        list = List.copyOf(list);
    }

    /**
     * Encodes all rows, on all processors; the result and the row that an error names are those of one after the other.
     *
     * @throws dev.inlay.InlayException if a row cannot be encoded, or is too long and the limit's policy is to stop
     */
    public static Examples of(Dataset data, Encoder encoder, Limit limit) {
        Account account = new Account(data.name(), limit);
        data.rows().parallelStream()
                .map(row -> Attempt.at(row, data.name(), encoder))
                .forEachOrdered(attempt -> account.take(attempt.row(), attempt.example()));
        return account.closed(data.size());
    }

    /** What became of a row. A failure is kept until its turn, so that of several the first is told. */
    private record Attempt(Row row, Supplier<Example> result) {
        static Attempt at(Row row, String name, Encoder encoder) {
            try {
                Example example = encoder.example(name, row);
                return new Attempt(row, () -> example);
            } catch (InlayException e) {
                return new Attempt(row, () -> {
                    throw e;
                });
            }
        }

        Example example() {
            return result.get();
        }
    }

    /** Adds up while rows come in. */
    private static final class Account {
        private final String name;
        private final Limit limit;
        private final List<Example> examples = new ArrayList<>();
        private final LengthHistogram.Tally lengths = new LengthHistogram.Tally();
        private final Map<Cause, Unusable> unusable = new EnumMap<>(Cause.class);
        private int whole;
        private Pieces split = Pieces.NONE;
        private Loss cut = Loss.NONE;
        private Loss dropped = Loss.NONE;

        Account(String name, Limit limit) {
            this.name = name;
            this.limit = limit;
        }

        void take(Row row, Example example) {
            if (example.targets() == 0) {
                leaveOut(row instanceof Row.ChatRow ? Cause.NO_ASSISTANT_TURN : Cause.EMPTY, row);
                return;
            }
            lengths.add(example.length(), row.line());
            List<Example> left = limit.of(name, example);
            if (example.length() <= limit.tokens()) {
                whole++;
            } else {
                countOverflow(row, example, left);
            }
            examples.addAll(left);
        }

        private void countOverflow(Row row, Example example, List<Example> left) {
            long targets = example.targets();
            switch (limit.overflow()) {
                case SPLIT -> split = split.plus(left.size(), limit.pieces(example.length()) - left.size());
                case DROP -> dropped = dropped.plus(example.length(), targets);
                case CUT -> {
                    if (left.isEmpty()) {
                        leaveOut(Cause.BEYOND_LIMIT, row);
                    } else {
                        cut = cut.plus((long) example.length() - limit.tokens(), targets - targets(left));
                    }
                }
                case ERROR -> throw new AssertionError("a row over the limit was not refused");
            }
        }

        private void leaveOut(Cause cause, Row row) {
            unusable.merge(
                    cause,
                    new Unusable(1, row.line()),
                    (known, more) -> new Unusable(known.rows() + 1, known.firstLine()));
        }

        Examples closed(int rows) {
            long tokens = examples.stream().mapToLong(Example::length).sum();
            return new Examples(
                    examples,
                    new DataReport(
                            name,
                            rows,
                            examples.size(),
                            tokens,
                            targets(examples),
                            lengths.histogram(),
                            whole,
                            split,
                            cut,
                            dropped,
                            unusable));
        }

        private static long targets(List<Example> examples) {
            return examples.stream().mapToLong(Example::targets).sum();
        }
    }
}
