package dev.inlay.model;

import dev.inlay.InlayException;
import dev.inlay.engine.Tensor;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Gives each row of a pass interventions of its own: a batch whose rows use different adapters.
 *
 * <p>Rows with equal lists form a group. At every site the tokens of a group are taken out of the stream, changed
 * together and put back, so an adapter is multiplied once for all rows that share it. Its interventions get the pass
 * {@link Pass#at} their own tokens.
 */
public final class PerRow implements Intervention {
    private final List<List<Intervention>> groups;
    private final int[] groupOf;
    private final Set<Stream> streams = EnumSet.noneOf(Stream.class);

    /** @param rows one list for each row of the pass, each in the order in which it acts */
    public PerRow(List<? extends List<? extends Intervention>> rows) {
        Map<List<Intervention>, Integer> numbers = new LinkedHashMap<>();
        this.groupOf = rows.stream()
                .mapToInt(row -> numbers.computeIfAbsent(List.copyOf(row), list -> numbers.size()))
                .toArray();
        this.groups = List.copyOf(numbers.keySet());
        groups.forEach(group -> group.forEach(intervention -> {
            InlayException.require(
                    intervention.mixing() == null, "what mixes values in another way acts on all rows of a pass");
            streams.addAll(intervention.streams());
        }));
    }

    /** The interventions of a pass whose rows have these: the list itself where all rows have the same. */
    public static List<Intervention> together(List<? extends List<? extends Intervention>> rows) {
        return rows.stream().distinct().count() <= 1 ? List.copyOf(rows.get(0)) : List.of(new PerRow(rows));
    }

    @Override
    public Tensor project(Site site, Tensor input, Tensor output, Pass pass) {
        return changed(pass, output, (group, tokens, own, part) -> {
            Tensor x = tokens.of(input);
            Tensor y = part;
            for (Intervention intervention : group) {
                y = intervention.project(site, x, y, own);
            }
            return y;
        });
    }

    @Override
    public Set<Stream> streams() {
        return Set.copyOf(streams);
    }

    @Override
    public Tensor at(Activation where, Tensor value, Pass pass) {
        if (where.stream().isPerRow()) {
            requireRows(pass);
            return seen(groups.get(groupOf[where.row()]), where, value, pass);
        }
        return changed(pass, value, (group, tokens, own, part) -> seen(group, where, part, own));
    }

    private static Tensor seen(List<Intervention> group, Activation where, Tensor value, Pass pass) {
        Tensor y = value;
        for (Intervention intervention : group) {
            if (intervention.streams().contains(where.stream())) {
                y = intervention.at(where, y, pass);
            }
        }
        return y;
    }

    /** What the interventions of a group make of its tokens. */
    private interface Change {
        /**
         * @param own the pass at the tokens of the group
         * @param part [tokens of the group, ...]
         */
        Tensor apply(List<Intervention> group, Tokens tokens, Pass own, Tensor part);
    }

    /**
     * Some rows of a tensor.
     *
     * @param numbers ascending
     */
    private record Tokens(List<Integer> numbers) {
        Tensor of(Tensor value) {
            int first = numbers.get(0);
            if (numbers.get(numbers.size() - 1) - first == numbers.size() - 1) {
                return value.narrow(0, first, numbers.size());
            }
            return value.rows(Tensor.of(array()).to(value.device()));
        }

        Pass of(Pass pass) {
            int[] places = pass.places();
            return pass.at(numbers.stream().mapToInt(number -> places[number]).toArray());
        }

        private int[] array() {
            return numbers.stream().mapToInt(Integer::intValue).toArray();
        }
    }

    /** @param value [seen, ...] */
    private Tensor changed(Pass pass, Tensor value, Change change) {
        Map<Integer, List<Integer>> members = members(pass);
        List<Tensor> parts = new ArrayList<>();
        List<Integer> order = new ArrayList<>();
        boolean isChanged = false;
        for (Map.Entry<Integer, List<Integer>> member : members.entrySet()) {
            Tokens tokens = new Tokens(member.getValue());
            Tensor before = tokens.of(value);
            Tensor after = change.apply(groups.get(member.getKey()), tokens, tokens.of(pass), before);
            isChanged |= after != before;
            parts.add(after);
            order.addAll(member.getValue());
        }
        return isChanged ? inOrder(Tensor.concat(0, parts), order) : value;
    }

    /** The seen tokens of each group that has any. */
    private Map<Integer, List<Integer>> members(Pass pass) {
        requireRows(pass);
        Map<Integer, List<Integer>> members = new LinkedHashMap<>();
        int[] places = pass.places();
        for (int i = 0; i < places.length; i++) {
            int group = groupOf[pass.rows().rowOf(places[i])];
            members.computeIfAbsent(group, g -> new ArrayList<>()).add(i);
        }
        return members;
    }

    /** Puts the rows of a tensor to the numbers that they had. */
    private static Tensor inOrder(Tensor parts, List<Integer> order) {
        int[] back = new int[order.size()];
        IntStream.range(0, back.length).forEach(i -> back[order.get(i)] = i);
        boolean sorted = IntStream.range(0, back.length).allMatch(i -> back[i] == i);
        return sorted ? parts : parts.rows(Tensor.of(back).to(parts.device()));
    }

    private void requireRows(Pass pass) {
        InlayException.require(
                pass.rows().count() == groupOf.length,
                "the interventions are for %d rows, the pass has %d",
                groupOf.length,
                pass.rows().count());
    }
}
