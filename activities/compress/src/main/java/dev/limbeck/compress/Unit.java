package dev.limbeck.compress;

/**
 * What is compressed as one: a layer, or channels that several layers share.
 *
 * @param name of the layer's node; of the first layer that makes the channels
 * @param size largest rank, or number of channels
 */
record Unit(String name, int size) {}
