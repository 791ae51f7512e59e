"""How the packaged image model is made: a renderer invents pictures, a network learns to paint them.

`python -m moss.recipes.text2image --out FILE` trains it. Nothing here is needed to draw (moss/tools/painter.py).
"""
