"""Warm kernels: one process imports what notebooks import and forks a kernel for each run. Floor 4. Loads nothing itself.

`parent` is that process, `child` what a fork does to become a kernel, `pool` its owner's side, and `provisioner`
what jupyter_client asks for a kernel.
"""
