package dev.inlay.dynamics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inlay.InlayException;
import dev.inlay.testing.Golden;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HdbscanTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Two columns of four tokens, 6 apart, and one token half way. */
    private static final double[][] BETWEEN = {{0, 0}, {0, 1}, {0, 2}, {0, 3}, {6, 0}, {6, 1}, {6, 2}, {6, 3}, {3, 1}};

    private static Matrix distances(double[][] points) {
        int n = points.length;
        double[] distances = new double[n * n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                distances[i * n + j] =
                        Math.sqrt(Geometry.squaredDistance(points[i], 0, points[j], 0, points[i].length));
            }
        }
        return Matrix.of(n, n, distances);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "densities",
                "other-density",
                "single-linkage",
                "nested",
                "overlapping",
                "noise",
                "ties",
                "equal",
                "few"
            })
    void clustersAreThoseThatScikitLearnFinds(String name) throws IOException {
        JsonNode recorded =
                JSON.readTree(Golden.path("hdbscan/cases.json").toFile()).get(name);
        Clusters clusters = new Hdbscan(
                        recorded.get("smallest").intValue(),
                        recorded.get("neighbours").intValue())
                .of(distances(JSON.convertValue(recorded.get("points"), double[][].class)));
        int[] truth = JSON.convertValue(recorded.get("labels"), int[].class);
        assertThat(clusters.labels()).containsExactly(truth);
        assertThat(clusters.count()).isEqualTo(Arrays.stream(truth).max().orElseThrow() + 1);
    }

    @Test
    void aTokenAsNearToOneClusterAsToAnotherIsNoise() {
        Clusters clusters = new Hdbscan(3, 2).of(distances(BETWEEN));
        assertThat(clusters.labels()).containsExactly(0, 0, 0, 0, 1, 1, 1, 1, -1);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void theOrderOfTokensDoesNotMatterHoweverManyTiesThereAre(long seed) {
        Random random = new Random(seed);
        double[][] points = new double[60][];
        Arrays.setAll(points, i -> new double[] {random.nextInt(9), random.nextInt(9), random.nextInt(2) * 30});
        List<Integer> mixed =
                new ArrayList<>(IntStream.range(0, points.length).boxed().toList());
        Collections.shuffle(mixed, random);
        double[][] moved = mixed.stream().map(i -> points[i]).toArray(double[][]::new);
        for (int neighbours = 1; neighbours <= 5; neighbours++) {
            Hdbscan hdbscan = new Hdbscan(4, neighbours);
            int[] groups = new int[points.length];
            int[] found = hdbscan.of(distances(moved)).labels();
            for (int i = 0; i < found.length; i++) {
                groups[mixed.get(i)] = found[i];
            }
            assertThat(Clusters.numbered(groups)).isEqualTo(hdbscan.of(distances(points)));
        }
    }

    @Test
    void equalTokensAreOneClusterBesideOthersAndNoneAlone() {
        double[][] equal = new double[20][];
        Arrays.setAll(equal, i -> new double[] {i < 8 ? 1 : 2});
        assertThat(new Hdbscan(3, 3).of(distances(equal)))
                .isEqualTo(new Clusters(
                        IntStream.range(0, 20).map(i -> i < 8 ? 0 : 1).toArray(), 2));
        Clusters alone = new Hdbscan(3, 3).of(Matrix.zero(20, 20));
        assertThat(alone.count()).isZero();
        assertThat(alone.noise()).isEqualTo(20);
    }

    @Test
    void fewerTokensThanADensityNeedsAreNoise() {
        Clusters clusters = new Hdbscan(2, 5).of(distances(Arrays.copyOf(BETWEEN, 4)));
        assertThat(clusters.noise()).isEqualTo(4);
        assertThat(new Hdbscan(2, 4).of(distances(Arrays.copyOf(BETWEEN, 4))).noise())
                .isEqualTo(4);
    }

    @Test
    void badSettingsAndDistancesAreRefused() {
        assertThatThrownBy(() -> new Hdbscan(1, 1))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("given as 1");
        assertThatThrownBy(() -> new Hdbscan(2, 0))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("was 0");
        Hdbscan hdbscan = new Hdbscan(2, 1);
        assertThatThrownBy(() -> hdbscan.of(Matrix.of(new double[][] {{0, 1}, {2, 0}})))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("not symmetric");
        assertThatThrownBy(() -> hdbscan.of(Matrix.of(new double[][] {{0, -1}, {-1, 0}})))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("-1.0");
        assertThatThrownBy(() -> hdbscan.of(Matrix.of(new double[][] {{0, 1}, {1, .5}})))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("token 1 is 0.5");
    }
}
