package dev.inlay.model;

import dev.inlay.engine.Attention;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.PartialAttention;
import dev.inlay.engine.Tensor;
import dev.inlay.engine.Visibility;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Attention of the rows of a pass that share keys and values: those of a {@link Link} meet the queries of all its rows in
 * one product, each row meets its own keys by itself, and the parts are joined.
 */
final class SharedKeys {
    private final Pass pass;
    private final List<Group> groups;
    private final List<Visibility> own;

    /**
     * The tokens whose rows share a link.
     *
     * @param numbers of their places in the stream; null if they are all
     * @param visibility of the link's keys
     */
    private record Group(Link link, @Nullable Tensor numbers, Visibility visibility) {}

    private SharedKeys(Pass pass, List<Group> groups, List<Visibility> own) {
        this.pass = pass;
        this.groups = groups;
        this.own = own;
    }

    /** Whether some row of a pass shares what it has read. */
    static boolean isIn(Pass pass) {
        History history = pass.history();
        for (int row = 0; history != null && row < history.rows(); row++) {
            if (!history.links(row).isEmpty()) {
                return true;
            }
        }
        return false;
    }

    /**
     * @param history that of the pass
     * @param own of each row's own keys
     */
    static SharedKeys of(Pass pass, History history, List<Visibility> own, DType type, Device device) {
        List<Link> links = new ArrayList<>();
        List<List<Integer>> members = new ArrayList<>();
        for (int row = 0; row < history.rows(); row++) {
            for (Link link : history.links(row)) {
                int known = 0;
                while (known < links.size() && !links.get(known).isSame(link)) {
                    known++;
                }
                if (known == links.size()) {
                    links.add(link);
                    members.add(new ArrayList<>());
                }
                members.get(known).add(row);
            }
        }
        List<Group> groups = new ArrayList<>();
        for (int i = 0; i < links.size(); i++) {
            int[] places = places(pass.rows(), members.get(i));
            Tensor numbers = places.length == pass.rows().tokens()
                    ? null
                    : Tensor.of(places).to(device);
            groups.add(new Group(
                    links.get(i),
                    numbers,
                    Visibility.whole(places.length, links.get(i).length(), type, device)));
        }
        return new SharedKeys(pass, groups, own);
    }

    private static int[] places(Rows rows, List<Integer> members) {
        return members.stream()
                .flatMapToInt(row -> IntStream.range(rows.start(row), rows.start(row) + rows.length(row)))
                .toArray();
    }

    /**
     * Attention of one layer; the history takes its keys and values.
     *
     * @param q [tokens, heads, head_dim]
     * @param k [tokens, kv_heads, head_dim]
     * @return [tokens, heads, head_dim]
     */
    Tensor mix(int layer, Tensor q, Tensor k, Tensor v, History history, Attention.Scoring scoring) {
        List<PartialAttention> parts = new ArrayList<>();
        for (Group group : groups) {
            Past.Layer shared = group.link.layer(layer);
            Tensor numbers = group.numbers;
            Tensor asking = numbers == null ? q : q.rows(numbers);
            PartialAttention part =
                    PartialAttention.of(asking, shared.keys(), shared.values(), scoring, group.visibility);
            parts.add(numbers == null ? part : part.among(numbers, q.size(0)));
        }
        Rows rows = pass.rows();
        List<PartialAttention> alone = new ArrayList<>();
        for (int row = 0; row < rows.count(); row++) {
            int start = rows.start(row);
            int length = rows.length(row);
            List<Tensor> behind = history.extend(layer, row, k.narrow(0, start, length), v.narrow(0, start, length));
            alone.add(PartialAttention.of(
                    q.narrow(0, start, length), behind.get(0), behind.get(1), scoring, own.get(row)));
        }
        parts.add(PartialAttention.concat(0, alone));
        return PartialAttention.joined(parts);
    }
}
