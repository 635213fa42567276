"""Records which clusters scikit-learn's HDBSCAN finds.

Writes cases.json: {name: {smallest, neighbours, points, labels}}: min_cluster_size and min_samples, rows of numbers, and for each
point the number of its cluster in the order of their first points, -1 for noise. Distances are Euclidean; the settings are
cluster_selection_method "eom" and allow_single_cluster False.

scikit-learn sorts equal distances one after the other, so that a point as near to one cluster as to another goes to whichever
the sort brings first. A case in which that matters has no truth to record, and the script refuses it: every distance
at which two clusters join occurs once, and points in another order are in the same clusters.

usage: python hdbscan.py OUTPUT_DIRECTORY       needs: scikit-learn
"""

import json
import pathlib
import sys

import numpy
from sklearn.cluster import HDBSCAN
from sklearn.metrics import pairwise_distances

ORDERS = 20


def blobs(seed, *settings, scatter=0):
    """Each setting is (points, spread, centre...); scattered points fill the box of all others."""
    random = numpy.random.default_rng(seed)
    parts = [random.normal(size=(count, len(centre))) * spread + centre for count, spread, *centre in settings]
    points = numpy.concatenate(parts)
    low, high = points.min(axis=0), points.max(axis=0)
    return numpy.concatenate([points, random.uniform(low, high, size=(scatter, points.shape[1]))])


def grid(x, y, side):
    return [[x + i, y + j] for i in range(side) for j in range(side)]


def cases():
    densities = blobs(5, (20, 0.2, 0, 0), (20, 0.6, 4, 0), (30, 1.5, 0, 9), scatter=10)
    yield "densities", 5, 5, densities
    yield "other-density", 5, 2, densities
    yield "single-linkage", 4, 1, densities
    yield "nested", 4, 4, blobs(5, (12, 0.3, 0, 0), (12, 0.3, 1, 0), (12, 0.1, 9, 0), (12, 0.1, 10, 0))
    yield "overlapping", 5, 5, blobs(90, (40, 1, 0, 0, 0), (40, 1, 3, 0, 0), (40, 1, 0, 3, 1))
    yield "noise", 5, 5, blobs(4, (40, 1, 0, 0, 0))
    yield "ties", 4, 3, numpy.array(grid(0, 0, 4) + grid(10, 0, 3) + grid(0, 25, 3) + [[30, 30], [-40, 0]])
    yield "equal", 4, 4, numpy.array([[0, 0]] * 6 + [[1, 0]] * 4 + [[0, 5]] * 9 + [[7, 7], [7, 8], [9, 7], [20, 1]])
    yield "few", 5, 3, blobs(5, (4, 1, 0, 0))


def labels(distances, smallest, neighbours, order):
    """Of the points in another order, put back and numbered by first points."""
    found = HDBSCAN(min_cluster_size=smallest, min_samples=neighbours, metric="precomputed", copy=True)
    found.fit(distances[numpy.ix_(order, order)])
    mixed = numpy.empty(len(order), dtype=int)
    mixed[order] = found.labels_
    names = {-1: -1}
    return found, [names.setdefault(label, len(names) - 1) for label in mixed.tolist()]


def require_no_tie(name, found, smallest):
    tree = found._single_linkage_tree_
    points = len(tree) + 1
    sizes = [1] * points + tree["cluster_size"].tolist()
    for merge in tree:
        large = all(sizes[merge[side]] >= smallest for side in ("left_node", "right_node"))
        if large and merge["value"] > 0 and (tree["value"] == merge["value"]).sum() > 1:
            raise ValueError(f"case {name}: two clusters join at {merge['value']}, as others do; change the seed")


def record(name, smallest, neighbours, points):
    points = numpy.round(points, 3)
    distances = pairwise_distances(points)
    random = numpy.random.default_rng(0)
    found, truth = labels(distances, smallest, neighbours, numpy.arange(len(points)))
    require_no_tie(name, found, smallest)
    for _ in range(ORDERS):
        if labels(distances, smallest, neighbours, random.permutation(len(points)))[1] != truth:
            raise ValueError(f"case {name}: another order of the points has other clusters; change the seed")
    print(f"  {name}: {max(truth) + 1} clusters, {truth.count(-1)} of {len(truth)} points noise")
    return {"smallest": smallest, "neighbours": neighbours, "points": points.tolist(), "labels": truth}


def main():
    recorded = {name: record(name, *case) for name, *case in cases()}
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(case)}" for name, case in recorded.items())
    (pathlib.Path(sys.argv[1]) / "cases.json").write_text("{" + lines + "}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
