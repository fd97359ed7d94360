"""Machine code from LLVM's assembly, kept on disk for the next time.

Functions that are seldom called are half of a large text. They are a module of their own, which
is translated without any optimisation: in one with the others they would still cost the better
part of it.

What is kept is named by a digest of the text, the version of LLVM and the processor, so it is
never out of date. The folder is ``$KNELL_CACHE``, else ``knell`` in ``$XDG_CACHE_HOME`` or
``~/.cache``; where it cannot be written, nothing is kept. The files that were not used for longest
go first.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import importlib.util
import os
import re
import tempfile
from pathlib import Path
from typing import Any

from knell.checker.compiled.code import COLD

_KEPT = 400  # files, two of a kernel
_SPEED, _NO_SPEED = 2, 0  # LLVM's levels of optimisation
_LARGE = 300_000  # characters of a text


def is_installed() -> bool:
    """Whether the libraries are there that the engine needs (the extra ``compiled``)."""
    return all(
        importlib.util.find_spec(name) is not None for name in ("llvmlite", "numpy", "scipy")
    )


class Native:
    """The functions of a text, callable; they run without Python's global lock."""

    def __init__(self, text: str) -> None:
        llvm = _llvm()
        # The linker works on an empty module, to which the object files are added.
        machine = _target_machine(llvm, _SPEED)
        self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
        parts = zip(_modules(text), (_SPEED, _NO_SPEED), strict=True)
        for part, speed in [each for each in parts if "define " in each[0]]:
            code = llvm.object_file.ObjectFileRef.from_data(_translated(llvm, part, speed))
            self._engine.add_object_file(code)
        self._engine.finalize_object()

    def function(self, name: str, returns: Any, *arguments: Any) -> Any:
        """A function by its name, with the types of ctypes."""
        address = self._engine.get_function_address(name)
        return ctypes.CFUNCTYPE(returns, *arguments)(address)


def _llvm() -> Any:
    import llvmlite.binding as llvm  # noqa: PLC0415  # an extra: the reference does without

    with contextlib.suppress(RuntimeError):  # newer versions do this on their own, and say so
        llvm.initialize()
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm


def _modules(text: str) -> tuple[str, str]:
    """The text of the functions that are often called, and that of the others."""
    often, seldom = [], []
    for part in re.split(r"(?m)^(?=define |declare )", text):
        head = part.partition("\n")[0]
        if not part.startswith("define "):
            often.append(part)
            seldom.append(part)
        elif COLD in head:
            often.append(_declaration(head))
            seldom.append(part)
        else:
            often.append(part)
            seldom.append(_declaration(head))
    return "".join(often), "".join(seldom)


def _declaration(head: str) -> str:
    """The declaration of a function that another module defines."""
    signature = re.sub(r" %\w+", "", head.removeprefix("define ").partition(")")[0])
    return f"declare {signature})\n"


def _translated(llvm: Any, text: str, speed: int) -> bytes:
    """The object file of a module."""
    kept = _Kept(_digest(llvm, text, speed))
    found = kept.read()
    if found is None:
        machine = _target_machine(llvm, speed)
        module = llvm.parse_assembly(text)
        module.verify()
        if speed:
            _optimise(llvm, module, machine, len(text))
        found = machine.emit_object(module)
        kept.write(found)
    return found


def _target_machine(llvm: Any, speed: int) -> Any:
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(),
        features=llvm.get_host_cpu_features().flatten(),
        opt=speed,
        reloc="pic",
        codemodel="jitdefault",
        jit=True,
    )


def _optimise(llvm: Any, module: Any, machine: Any, size: int) -> None:
    """Optimise, a large text by the few passes that do most."""
    options = llvm.create_pipeline_tuning_options(speed_level=_SPEED)
    options.loop_unrolling = False
    options.loop_vectorization = False
    options.slp_vectorization = False
    builder = llvm.create_pass_builder(machine, options)
    if size < _LARGE:
        builder.getModulePassManager().run(module, builder)
        return
    passes = llvm.create_new_module_pass_manager()
    passes.add_always_inliner_pass()
    passes.add_sroa_pass()
    passes.add_sccp_pass()
    passes.add_simplify_cfg_pass()
    passes.run(module, builder)


def _digest(llvm: Any, text: str, speed: int) -> str:
    version = ".".join(map(str, llvm.llvm_version_info))
    parts = (
        text,
        str(speed),
        version,
        llvm.get_host_cpu_name(),
        llvm.get_host_cpu_features().flatten(),
    )
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


class _Kept:
    """The place on disk of one compiled text."""

    def __init__(self, digest: str) -> None:
        self.folder = _folder()
        self.path = self.folder / f"{digest}.o"

    def read(self) -> bytes | None:
        try:
            content = self.path.read_bytes()
            os.utime(self.path)
        except OSError:
            return None
        return content or None

    def write(self, content: bytes) -> None:
        """Write the file at once, so that nobody reads half of it."""
        with contextlib.suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self.folder)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(name).replace(self.path)
            files = sorted(self.folder.glob("*.o"), key=lambda path: path.stat().st_mtime)
            for old in files[:-_KEPT]:
                old.unlink()


def _folder() -> Path:
    own = os.environ.get("KNELL_CACHE")
    if own:
        return Path(own)
    shared = os.environ.get("XDG_CACHE_HOME")
    return (Path(shared) if shared else Path.home() / ".cache") / "knell"
