"""Writes the networks of this folder whose names begin with "keras": what tf2onnx makes of small Keras networks.

Needs tensorflow and tf2onnx.
"""
import numpy
import tensorflow as tf
import tf2onnx
from tensorflow import keras

layers = keras.layers


def convolution(x, channels, kernel, stride=1):
    x = layers.Conv2D(channels, kernel, stride, "same", use_bias=False)(x)
    return layers.ReLU(6.0)(layers.BatchNormalization()(x))


def mobile():
    """[n, 24, 24, 3] to [n, 5]"""
    image = keras.Input((24, 24, 3))
    x = convolution(image, 8, 3, 2)
    for _ in range(2):
        y = convolution(x, 24, 1)
        y = layers.DepthwiseConv2D(3, 1, "same", use_bias=False)(y)
        y = layers.ReLU(6.0)(layers.BatchNormalization()(y))
        gate = layers.Reshape((1, 1, 24))(layers.GlobalAveragePooling2D()(y))
        gate = layers.Conv2D(24, 1, activation="sigmoid")(layers.Conv2D(8, 1, activation="swish")(gate))
        y = layers.BatchNormalization()(layers.Conv2D(8, 1, use_bias=False)(layers.Multiply()([y, gate])))
        x = layers.Add()([x, y])
    x = layers.MaxPooling2D(3, 2, "same")(x)
    x = layers.UpSampling2D(2, interpolation="bilinear")(x)
    x = layers.SeparableConv2D(12, 3, padding="valid", activation="elu")(x)
    return keras.Model(image, layers.Dense(5)(layers.Dropout(0.1)(layers.GlobalAveragePooling2D()(x))))


def transformer():
    """[n, 16, 12] to [n, 6]"""
    tokens = keras.Input((16, 12))
    x = layers.Dense(16)(tokens)
    y = layers.LayerNormalization()(x)
    x = layers.Add()([x, layers.MultiHeadAttention(4, 4)(y, y)])
    y = layers.Dense(32, activation=lambda z: keras.activations.gelu(z, approximate=True))(layers.LayerNormalization()(x))
    x = layers.Add()([x, layers.Dense(16)(y)])
    return keras.Model(tokens, layers.Dense(6, activation="softmax")(layers.GlobalAveragePooling1D()(x)))


def recurrent():
    """[n, 6, 6] to [n, 4]; tf2onnx would write the loop of a GRU as Loop"""
    sequence = keras.Input((6, 6))
    x = layers.Conv1D(8, 3, padding="causal", activation="tanh")(sequence)
    x = layers.Bidirectional(layers.LSTM(8, return_sequences=True))(x)
    return keras.Model(sequence, layers.Dense(4)(layers.GRU(8, unroll=True)(x)))


def trained(network):
    """With statistics of batches, as training leaves them."""
    for _ in range(60):
        network(numpy.random.normal(size=(16, *network.input_shape[1:])).astype("float32"), training=True)
    return network


def write(network, name, opset):
    signature = [tf.TensorSpec((None, *network.input_shape[1:]), tf.float32, name="x")]

    @tf.function(input_signature=signature)
    def y(x):
        return tf.identity(network(x, training=False), name="y")

    tf2onnx.convert.from_function(y, signature, opset=opset, output_path=f"{name}.onnx")


keras.utils.set_random_seed(1)
write(trained(mobile()), "keras-mobile-13", 13)
write(trained(transformer()), "keras-transformer-15", 15)
write(trained(recurrent()), "keras-recurrent-17", 17)
