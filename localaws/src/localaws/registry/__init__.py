"""ECR's Docker registry on localaws' own port.

`service.build_registry` puts the parts together:

- `backend` runs the program that stores the layers, `storage` talks to it;
- `catalog` knows which images a repository holds, with their tags;
- `front` serves `/v2/` to `docker login`, `docker push` and `docker pull`;
- `tokens` issues and checks the passwords of `docker login`;
- `ecr` answers ECR's API about images, in front of MiniStack's;
- `images` finds the engine's image for the image name of a request.
"""
