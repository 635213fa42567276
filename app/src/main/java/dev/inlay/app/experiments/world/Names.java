package dev.inlay.app.experiments.world;

import java.util.ArrayList;
import java.util.List;

/**
 * The tables that follow a rule instead of a list: names from two syllables, which keepsake may come with which trade, and
 * the cipher of computed keys. A tenth of the persons, an eighth of the places and a fifth of the pairs of trade and
 * keepsake are set aside for the splits of things never seen; every part of them occurs elsewhere.
 */
final class Names {
    private static final List<String> PERSON = List.of(
            "Ma", "Be", "Li", "To", "Ro", "Sa", "Da", "Ne", "Ka", "Wi", "Jo", "Fe", "Ha", "Mi", "Lu", "Pe", "Ta", "Vi",
            "Do", "Si", "Ga", "Re", "Bo", "No");
    private static final List<String> WOMAN = List.of("ra", "na", "lia", "lla", "tta");
    private static final List<String> MAN = List.of("bin", "ren", "rek", "ldo", "vin");
    private static final List<String> PLACE = List.of(
            "Ash", "Elm", "Oak", "Stone", "Red", "Fair", "Brook", "Mill", "North", "Gold", "Fox", "Wind", "Swan",
            "Thorn", "High", "Long");
    private static final List<String> PLACE_END =
            List.of("ford", "ton", "ham", "field", "bridge", "dale", "wick", "port");

    private Names() {}

    /** Columns: key, they, them, their. */
    static Table persons(boolean unseen) {
        List<List<String>> rows = new ArrayList<>();
        for (int i = 0; i < PERSON.size(); i++) {
            for (int j = 0; j < WOMAN.size() + MAN.size(); j++) {
                if (((i + 3 * j) % 10 == 0) == unseen) {
                    rows.add(
                            j < WOMAN.size()
                                    ? List.of(PERSON.get(i) + WOMAN.get(j), "she", "her", "her")
                                    : List.of(PERSON.get(i) + MAN.get(j - WOMAN.size()), "he", "him", "his"));
                }
            }
        }
        return new Table("person", List.of("key", "they", "them", "their"), rows);
    }

    static Table places(boolean unseen) {
        List<List<String>> rows = new ArrayList<>();
        for (int i = 0; i < PLACE.size(); i++) {
            for (int j = 0; j < PLACE_END.size(); j++) {
                if (((i + j) % 8 == 0) == unseen) {
                    rows.add(List.of(PLACE.get(i) + PLACE_END.get(j)));
                }
            }
        }
        return new Table("place", List.of("key"), rows);
    }

    /** Columns: key (the keepsake), topic, title. */
    static Table holdings(Table topics, Table keepsakes, boolean unseen) {
        List<List<String>> rows = new ArrayList<>();
        for (int i = 0; i < topics.entries().size(); i++) {
            for (int j = 0; j < keepsakes.entries().size(); j++) {
                if (((i + j) % 5 == 0) == unseen) {
                    String topic = topics.entries().get(i).key();
                    Entry keepsake = keepsakes.entries().get(j);
                    rows.add(List.of(keepsake.key(), topic, keepsake.cell("title")));
                }
            }
        }
        return new Table("holding", List.of("key", "topic", "title"), rows);
    }

    /**
     * Columns: key, lamp, sign, door, seal, flag. The seal is the sum of the three numbers modulo 4: any two of the parts
     * leave all four seals equally likely.
     */
    static Table cipher(Table lamps, Table signs, Table doors, Table seals) {
        List<List<String>> rows = new ArrayList<>();
        for (int i = 0; i < lamps.entries().size(); i++) {
            for (int j = 0; j < signs.entries().size(); j++) {
                for (int k = 0; k < doors.entries().size(); k++) {
                    Entry seal =
                            seals.entries().get((i + j + k) % seals.entries().size());
                    String lamp = lamps.entries().get(i).key();
                    String sign = signs.entries().get(j).key();
                    String door = doors.entries().get(k).key();
                    rows.add(List.of(
                            String.join("+", lamp, sign, door), lamp, sign, door, seal.key(), seal.cell("flag")));
                }
            }
        }
        return new Table("cipher", List.of("key", "lamp", "sign", "door", "seal", "flag"), rows);
    }
}
