package dev.limbeck.search;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A made-up space whose score and cost are sums over the blocks, with a trade-off between them. */
record TableSpace(List<List<ExactFront.Part>> parts) {

    static TableSpace random(int blocks, int choices, long seed) {
        Random random = new Random(seed);
        List<List<ExactFront.Part>> parts = new ArrayList<>();
        for (int b = 0; b < blocks; b++) {
            double share = 0.5 + random.nextDouble();
            List<ExactFront.Part> list = new ArrayList<>();
            for (int i = 0; i < choices; i++) {
                double cost = share * (0.2 + random.nextDouble());
                list.add(new ExactFront.Part(Math.log(cost) + 0.4 * random.nextGaussian(), cost));
            }
            parts.add(list);
        }
        return new TableSpace(parts);
    }

    List<Integer> cardinalities() {
        return parts.stream().map(List::size).toList();
    }

    double score(List<Integer> genes) {
        double sum = 0;
        for (int b = 0; b < genes.size(); b++) {
            sum += parts.get(b).get(genes.get(b)).score();
        }
        return sum;
    }

    double cost(List<Integer> genes) {
        double sum = 0;
        for (int b = 0; b < genes.size(); b++) {
            sum += parts.get(b).get(genes.get(b)).cost();
        }
        return sum;
    }

    Individual evaluate(List<Integer> genes) {
        return new Individual(genes, List.of(-score(genes), cost(genes)), 0);
    }
}
