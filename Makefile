# Each target is a thin call of a standard-library script, so all of it runs without make.
PYTHON ?= python3

.PHONY: setup demo test test-all test-long test-coqui test-vision-full lint bench clean

setup:      ## packages and weights
	$(PYTHON) scripts/setup.py

demo:       ## set-up, then three spoken questions; AUDIO=mine.wav IMAGE=mine.jpg for your own
	$(PYTHON) scripts/demo.py $(if $(AUDIO),--audio "$(AUDIO)") $(if $(IMAGE),--image "$(IMAGE)")

test:       ## set-up, then the tests on real weights
	$(PYTHON) scripts/test.py

test-all:   ## the slow ones: browser, kill tests, network namespace, wheel
	$(PYTHON) scripts/test.py --all

test-long:  ## minutes each: sweeps and endurance; no other target runs them
	$(PYTHON) scripts/test.py --long

test-coqui: ## the real `assistant setup coqui` (up to 4 GB of disk), then its tests
	$(PYTHON) scripts/test_coqui.py

test-vision-full: ## Qwen-VL, SmolVLM, OpenCLIP, in an environment with torchvision (5.7 GB of disk)
	$(PYTHON) scripts/test_vision_full.py

lint:       ## ruff, mypy, import directions, what the wheel holds
	$(PYTHON) scripts/lint.py

bench:      ## the benchmarks, against their named baselines
	$(PYTHON) scripts/bench.py

clean:      ## everything that was built; weights and conversations stay
	$(PYTHON) scripts/clean.py
