import torch
from torch import nn

model = nn.TransformerDecoderLayer(8, 2)
torch.jit.script(model)
